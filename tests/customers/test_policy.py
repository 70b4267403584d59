"""What a company asks of every customer's file: required fields, and fields nobody may share."""

import pytest

from callcenter.customers.fields import FIELDS, label, of_kind
from callcenter.customers.models import Customer, Kind
from callcenter.customers.policy import Policy, policy, save_policy
from callcenter.errors import Invalid


async def test_before_anything_is_ticked_only_name_and_phone_are_asked_for(sessions):
    async with sessions() as session:
        assert await policy(session) == Policy(frozenset({"name", "phone"}), frozenset({"phone"}))


@pytest.mark.parametrize("duplicate", [set(), {"email", "tax_code"}, {"phone", "birthday"}])
async def test_what_was_ticked_is_kept_and_so_is_ticking_nothing(sessions, duplicate):
    async with sessions() as session:
        await save_policy(session, Policy(frozenset({"email"}), frozenset(duplicate)))
        await session.commit()

        assert await policy(session) == Policy(
            frozenset({"name", "phone", "email"}), frozenset(duplicate)
        )


@pytest.mark.parametrize(
    "wrong", [Policy(required=frozenset({"code"})), Policy(duplicate=frozenset({"website"}))]
)
async def test_a_field_that_cannot_be_ticked_is_refused(sessions, wrong):
    async with sessions() as session:
        with pytest.raises(Invalid):
            await save_policy(session, wrong)


def test_every_field_with_a_column_has_it():
    columns = {field.column for field in FIELDS.values() if field.column}

    assert columns <= set(Customer.__table__.columns.keys())


def test_a_person_is_born_and_a_firm_is_founded():
    person, shop = ({field.name for field in of_kind(kind)} for kind in (Kind.PERSON, Kind.SHOP))

    assert "birthday" in person and "founded_on" not in person
    assert "founded_on" in shop and "birthday" not in shop


def test_the_nine_criteria_of_the_manual_can_be_ticked():
    assert {name for name, field in FIELDS.items() if field.may_be_unique} == {
        *("name", "code", "email", "phone", "fax", "tax_code", "address", "note", "birthday")
    }


def test_whatever_a_history_names_has_a_label():
    assert label("email") == "Email" and label("merged") == "Merged"
