package liquid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/liquid"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	ada := campaign.Contact{FirstName: "Ada", Company: "Northwind", Email: "ada@northwind.example", Fields: map[string]string{
		"Tag": "lead, vip", "Employees": "120", "Signed": "2026-03-01", "Newsletter": "Yes", "Score": "n/a",
	}}
	for text, want := range map[string]bool{
		`company = "Northwind"`:                                true,
		`company == 'Northwind' and field.tag contains "vip"`:  true,
		`company = "Contoso" or tag contains "lead"`:           true,
		`company != "Northwind"`:                               false,
		`employees > 50`:                                       true,
		`employees > 50 and (company = "X" or email != blank)`: true,
		`contact.employees >= 121`:                             false,
		`signed < "2026-06-01"`:                                true,
		`newsletter = true`:                                    true,
		`phone = blank`:                                        true,
		`phone`:                                                false,
		`email`:                                                true,
		`region = "EU"`:                                        false,
		`region != "EU"`:                                       true,
		`company | downcase = "northwind"`:                     true,
		`First_Name = "Ada"`:                                   true,
	} {
		condition, err := liquid.ParseCondition(text)
		require.NoError(t, err, text)
		holds, err := condition.Holds(ada)
		require.NoError(t, err, text)
		require.Equal(t, want, holds, text)
	}

	condition, err := liquid.ParseCondition(`score > 10`)
	require.NoError(t, err)
	_, err = condition.Holds(ada)
	var undecided *liquid.Undecided
	require.ErrorAs(t, err, &undecided)
	require.Equal(t, "score", undecided.Variable)
	require.Equal(t, "n/a", undecided.Value)
}

// A part of a text is what is written, also where that is a number.
func TestAPartOfANumberIsAText(t *testing.T) {
	t.Parallel()
	for text, holds := range map[string]bool{`zip contains 01`: false, `zip contains 10`: true, `zip contains "01"`: false, `zip contains 2100`: true} {
		condition, err := liquid.ParseCondition(text)
		require.NoError(t, err, text)
		is, err := condition.Holds(campaign.Contact{Fields: map[string]string{"zip": "2100"}})
		require.NoError(t, err)
		require.Equal(t, holds, is, text)
	}
}

func TestConditionsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "is empty",
		`company = `:                  "a value is missing",
		`company = Northwind`:         "write 'Northwind' if it is a text",
		`company = "North`:            "a quote",
		`company "North"`:             `has "North", which does not belong here`,
		`a = 1 and b = 2 or c = 3`:    "brackets",
		`1 = 1`:                       "names no variable",
		`contact`:                     "first_name",
		`company = "X" && tag = "y"`:  "&",
		`company like "X%"`:           "like",
		`(company = "X"`:              ")",
		`company is "X"`:              "write ==",
		`DROP TABLE contacts`:         "TABLE",
		`tag contains "x"; tag = "y"`: ";",
		`company | nosuch = "X"`:      "nosuch",
		`{{ company }} = "X"`:         "write the comparison alone",
		`!company`:                    "x = blank",
		`not company`:                 "x = blank",
		`company ?? "X"`:              "x = blank",
		`company || tag`:              "has ||: write or",
		`upper(company) = "X"`:        "a filter behind it, as | downcase",
		`company in ("X", "Y")`:       "joined by or",
		`company like "X"`:            "write contains",
		`country = "BE" or "NL"`:      "beside or, which compares nothing",
		`(a = 1 or 2) and b = 3`:      "beside or, which compares nothing",
		`true and vip`:                "beside and, which compares nothing",
	} {
		_, err := liquid.ParseCondition(text)
		require.ErrorContains(t, err, want, text)
		for _, sign := range []string{"{%", "{{ first", "default:"} {
			require.NotContains(t, err.Error(), sign, "%s: this is no template", text)
		}
	}
	condition, err := liquid.ParseCondition(`regoin = "EU" and company = "X"`)
	require.NoError(t, err)
	unfilled := condition.Unfilled([]string{"Region"})
	require.Len(t, unfilled, 1)
	require.Equal(t, "region", unfilled[0].Meant)
}
