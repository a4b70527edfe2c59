package liquid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/liquid"
)

// TestWordsThatAreCodesToo: NO is Norway and F a woman, but "no" is also what a file
// says of somebody who is no VIP.
func TestWordsThatAreCodesToo(t *testing.T) {
	t.Parallel()
	vars := liquid.Vars(campaign.Contact{FirstName: "Ada", Company: "No", Fields: map[string]string{
		"Country": "NO", "Billing Country": "NO", "Language": "no", "Gender": "F", "Initial": "N", "VIP": "no", "Trial": "Nein", "Answer": "no", "Opted Out": "FALSE", "Seats": "0",
	}})
	for template, want := range map[string]string{
		"{% if country %}set{% else %}none{% endif %}":                                      "set",
		"{% if billing_country %}set{% else %}none{% endif %}":                              "set",
		"{% if language %}set{% else %}none{% endif %}":                                     "set",
		"{% if gender and initial %}set{% else %}none{% endif %}":                           "set",
		"{% unless country %}none{% else %}set{% endunless %}":                              "set",
		"{% if company %}at {{ company }}{% endif %}":                                       "at No",
		"{% if vip %}vip{% else %}not{% endif %}":                                           "not",
		"{% if trial %}trial{% else %}not{% endif %}":                                       "not",
		"{% if country == 'NO' %}Hei{% endif %}":                                            "Hei",
		"{% if country == true %}yes{% else %}no{% endif %}":                                "no",
		"{% if answer %}You said {{ answer }}.{% endif %}":                                  "You said no.",
		"{% if answer %}You said {{ answer | upcase }}.{% endif %}":                         "You said NO.",
		"{% if opted_out %}out: {{ opted_out }}{% else %}in{% endif %}":                     "in",
		"{% if seats %}{{ seats }} seats{% else %}no seats{% endif %}":                      "no seats",
		"{% if answer %}said{% else %}{% if vip %}vip{% endif %}not{% endif %}":             "not",
		"{% assign a = answer %}{% if a %}You said {{ contact.answer }}.{% endif %}{{ a }}": "You said no.no",
	} {
		require.Empty(t, liquid.Validate(template), template)
		got, err := liquid.Render("body", template, vars)
		require.NoError(t, err, template)
		require.Equal(t, want, got, template)
	}
}
