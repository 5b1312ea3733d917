"""How a batch is divided among processes."""

from dataclasses import dataclass

from shampoo_tune.errors import InvalidInputError


@dataclass(frozen=True)
class Share:
    """The contiguous part of every global batch that is one process's."""

    batch_size: int
    process_index: int
    process_count: int

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.batch_size % self.process_count:
            raise InvalidInputError(
                f"a batch of {self.batch_size} cannot be divided among {self.process_count}"
                f" processes: make batch_size a multiple of {self.process_count}"
            )

    @property
    def size(self) -> int:
        """Examples of a batch here."""
        return self.batch_size // self.process_count

    def position(self, index: int) -> int:
        """Where this process's example `index` is in the stream of all processes."""
        step, offset = divmod(index, self.size)
        return step * self.batch_size + self.process_index * self.size + offset
