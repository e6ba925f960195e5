"""dSprites and its variants, drawn from their factors: a rendering that needs no download.

The images come from `dsprites_renderer`, which reproduces 416 of 432 published images pixel for
pixel. They are for tests and for trying things out: a published comparison needs the published
file, and results made with the rendering have to say so. The names of these data sets, which are
part of every result, and their `description` do that.
"""
from tf_disentangle.data import dsprites, dsprites_renderer, dsprites_variants, named_data, sprites

__all__ = ["RenderedSprites"]


class RenderedSprites(sprites.SpriteSource):
    """Sprites drawn on demand; not the published images.

    Example:
        data = ColorDSprites(sprites=RenderedSprites())
    """

    description = ("The sprites are a rendering: drawn from their factors, not the published "
                   "dSprites images.")

    def masks(self, factors):
        return dsprites_renderer.render(factors)


@named_data.register_dataset("dsprites_rendered")
def _dsprites():
    return dsprites.DSprites(sprites=RenderedSprites())


@named_data.register_dataset("dsprites_noshape_rendered")
def _dsprites_noshape():
    return dsprites.DSprites([2, 3, 4, 5], sprites=RenderedSprites())


@named_data.register_dataset("color_dsprites_rendered")
def _color_dsprites():
    return dsprites_variants.ColorDSprites(sprites=RenderedSprites())


@named_data.register_dataset("noisy_dsprites_rendered")
def _noisy_dsprites():
    return dsprites_variants.NoisyDSprites(sprites=RenderedSprites())


@named_data.register_dataset("scream_dsprites_rendered")
def _scream_dsprites():
    return dsprites_variants.ScreamDSprites(sprites=RenderedSprites())


@named_data.register_dataset("abstract_dsprites_rendered")
def _abstract_dsprites():
    return dsprites_variants.AbstractDSprites(sprites=RenderedSprites())
