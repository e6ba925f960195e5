"""The columns of a table in its model: rows go in and come out in the table's own units."""
from tf_disentangle.data import table_columns

__all__ = ["TableMethods"]


class TableMethods:
    """What `LatentVariableModel` does with vectors whose columns have units of their own.

    Attributes:
        table_columns: `TableColumns`; None for images, and for vectors that are not standardised.
    """

    table_columns = None

    def use_columns(self, columns):
        """Makes the model standardise the columns of a table; call it before the training.

        `fit` and `training.train_model` do so.

        Args:
            columns: `TableColumns`, or None.
        Raises:
            InvalidArgumentError: the reconstruction loss does not fit the columns.
        """
        self.table_columns = columns
        self.forget_traces()
        if self.built:
            self._tell_loss_of_columns()

    def _tell_loss_of_columns(self):
        if self.table_columns is not None:
            self.reconstruction_loss.use_columns(self.table_columns)

    def _learn_columns(self, rows):
        """Takes the columns from the `[num_rows, num_columns]` array that training begins with."""
        is_untrained = not self.built or int(self.step.numpy()) == 0
        if self.table_columns is None and is_untrained:
            self.use_columns(table_columns.TableColumns.of(rows))

    @property
    def _decodes_standardised(self):
        return self.table_columns is not None and self.reconstruction_loss.is_standardised

    def standardised(self, images):
        """Images as they are; the rows of a table with their columns standardised."""
        return images if self.table_columns is None else self.table_columns.standardised(images)

    def compared(self, images):
        """Images or rows as the reconstruction loss takes them."""
        return self.standardised(images) if self._decodes_standardised else images

    def _table_config(self):
        return {} if self.table_columns is None else {
            "table_columns": self.table_columns.get_config()}
