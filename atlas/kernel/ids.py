"""Public ids: TypeIDs (https://github.com/jetify-com/typeid, spec 0.3) over UUIDv7 columns; the prefix stands only outside."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models


class InvalidId(ValueError):
    """The text is no id of this kind."""


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562), made in Python since PostgreSQL has it only from 18 on."""
    from typeid import TypeID

    return UUID(bytes=TypeID().uuid.bytes)


def encode(prefix: str, uuid: UUID) -> str:
    """`chg_01m889x8ddebrtw53z2m6g7yf7`."""
    from typeid import TypeID
    from uuid_utils import UUID as FastUUID

    return str(TypeID.from_uuid(FastUUID(bytes=uuid.bytes), prefix=prefix))


def decode(prefix: str, text: str) -> UUID:
    """The column's value; raises InvalidId for another prefix or a malformed suffix."""
    from typeid import TypeID

    try:
        typed = TypeID.from_string(text)
    except Exception as error:
        raise InvalidId(f"{text!r} is not an id") from error
    if typed.prefix != prefix or str(typed) != text:
        raise InvalidId(f"{text!r} is not an id that begins with {prefix}_")
    return UUID(bytes=typed.uuid.bytes)


class WithPublicId(models.Model):
    """A model that leaves the house under a TypeID: set `PREFIX`, use `typeid` in addresses."""

    PREFIX: ClassVar[str]

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)

    class Meta:
        abstract = True

    @property
    def typeid(self) -> str:
        return encode(self.PREFIX, self.public_id)


class TypeIdConverter:
    """A path converter for one prefix: `register_converter(type_id_converter("chg"), "chg")`."""

    prefix: ClassVar[str]
    regex = r"[a-z]{2,8}_[0-9a-z]{26}"

    def to_python(self, value: str) -> UUID:
        return decode(self.prefix, value)

    def to_url(self, value: Any) -> str:
        return value if isinstance(value, str) else encode(self.prefix, value)


def type_id_converter(prefix: str) -> type[TypeIdConverter]:
    return type(
        f"{prefix.title()}Converter", (TypeIdConverter,), {"prefix": prefix, "regex": rf"{prefix}_[0-9a-z]{{26}}"}
    )
