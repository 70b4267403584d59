"""Catalogues: one table of items for all short lists, one of places as a tree."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Catalogue(StrEnum):
    CUSTOMER_TYPE = "customer_type"  # what customers are told apart by: area, industry [2.20]
    CUSTOMER_GROUP = "customer_group"  # a value of one type, which is its parent [2.21]
    POSITION = "position"  # of contacts [2.23]
    ACTIVITY_TYPE = "activity_type"  # [2.24]
    PROJECT = "project"  # project codes [2.25]
    SOURCE = "source"  # data sources [2.26]
    STATUS = "status"  # of a customer's profile [6.1]
    EMPLOYEE_TYPE = "employee_type"  # [7.4]
    SKILL = "skill"  # what queues ask of whoever takes their calls


class CatalogueItem(Base):
    """An item of one of the lists above. What is used somewhere is put away, not deleted."""

    __tablename__ = "catalogue_items"
    __table_args__ = (Index(None, "catalogue", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue: Mapped[str] = mapped_column(String(24))
    code: Mapped[str] = mapped_column(String(64), default="")  # of projects
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)  # the order in lists
    colour: Mapped[str] = mapped_column(String(8), default="")  # of a status's dot: ok, warn, bad…
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_items.id"))
    active: Mapped[bool] = mapped_column(default=True)  # False: no longer offered


class Level(StrEnum):
    """Of places, from the top."""

    COUNTRY = "country"
    PROVINCE = "province"
    DISTRICT = "district"
    WARD = "ward"


class Place(Base):
    """A node of the tree of places [2.22]."""

    __tablename__ = "places"
    __table_args__ = (Index(None, "parent_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    level: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(String(400), index=True)  # customers.search.key_of
    code: Mapped[str] = mapped_column(String(32), default="")
