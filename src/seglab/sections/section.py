"""What all sections of an experiment share."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

Epochs = Annotated[int, Field(ge=0, le=100_000)]


class Section(BaseModel):
    """What all sections share: unknown keys refused, no change after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        """pydantic reads true and false as 1 and 0 where a number is wanted."""
        if (
            isinstance(value, bool)
            and cls.model_fields[str(info.field_name)].annotation is not bool
        ):
            raise PydanticCustomError("true_is_no_number", "true and false are no numbers")
        return value
