"""Registering leaves Python alone, and gin may bind what is written out, nothing else."""
import gin
import pytest

from tf_disentangle.configuration import registry


@registry.register("registry_test_function", denylist=("protocol",))
def function(protocol, first=1, second=2, **kwargs):
    return protocol, first, second, kwargs


@registry.register("registry_test_base")
class Base:
    def __init__(self, size=1, **kwargs):
        assert not kwargs
        self.size = size


@registry.register("registry_test_passes_on")
class PassesOn(Base):
    def __init__(self, extra=0, **kwargs):
        super().__init__(**kwargs)
        self.extra = extra


@registry.register("registry_test_closed")
class Closed(Base):
    def __init__(self, own=0):
        super().__init__(size=own)


@registry.register("registry_test_inherits")
class Inherits(PassesOn):
    pass


@registry.slot("registry_test_slot", denylist=("given",))
def slot(given, maker=None, number=1):
    return given, maker, number


@pytest.fixture(scope="module")
def holder():
    @gin.configurable("registry_test_holder", module="tests")
    def hold(value=None):
        return value
    return hold


@pytest.mark.contract
def test_registered_names_do_not_change_plain_calls():
    gin.parse_config("registry_test_function.first = 5\nregistry_test_base.size = 5")
    assert function(0) == (0, 1, 2, {})
    assert Base().size == 1
    assert Base.__name__ == "Base" and function.__name__ == "function"


@pytest.mark.contract
def test_references_take_bound_values(holder):
    gin.parse_config("""
        registry_test_holder.value = @registry_test_passes_on()
        registry_test_passes_on.extra = 3
        registry_test_passes_on.size = 4
    """)
    made = holder()
    assert isinstance(made, PassesOn) and (made.extra, made.size) == (3, 4)


@pytest.mark.contract
def test_constructor_without_kwargs_hides_its_base(holder):
    with pytest.raises(ValueError, match="'size'"):
        gin.parse_config("registry_test_closed.size = 1")
    gin.parse_config("registry_test_holder.value = @registry_test_closed()\n"
                     "registry_test_closed.own = 7")
    assert holder().size == 7


@pytest.mark.contract
def test_inherited_constructor(holder):
    gin.parse_config("registry_test_holder.value = @registry_test_inherits()\n"
                     "registry_test_inherits.extra = 1\nregistry_test_inherits.size = 2")
    assert (holder().extra, holder().size) == (1, 2)


@pytest.mark.contract
def test_misspelt_parameters_of_functions_with_kwargs_are_errors():
    for binding in ("registry_test_function.frist = 1", "registry_test_passes_on.siz = 1",
                    "registry_test_function.kwargs = 1", "registry_test_base.self = 1"):
        with pytest.raises(ValueError, match=binding.split(".")[1].split(" ")[0]):
            gin.parse_config(binding)


@pytest.mark.contract
def test_denied_parameters_are_errors():
    for binding in ("registry_test_function.protocol = 1", "registry_test_slot.given = 1"):
        with pytest.raises(ValueError, match=binding.split(".")[1].split(" ")[0]):
            gin.parse_config(binding)


@pytest.mark.contract
def test_a_slot_takes_bound_values_also_in_plain_calls():
    assert slot(0) == (0, None, 1)
    gin.parse_config("registry_test_slot.number = 5")
    assert slot(0) == (0, None, 5)
    assert slot(0, number=2) == (0, None, 2)
