package liquid_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/liquid"
)

func ExampleRender() {
	vars := liquid.Vars(campaign.Contact{FirstName: "Ada", Fields: map[string]string{"Employees": "120", "Lead Score": "n/a"}})
	for _, template := range []string{
		"Hi {{ firstName }},{% if employees > 50 %} how do you all stay in touch?{% endif %}",
		"Hello {{ last_name | default: 'there' }}",
		"{{ company }}",
		"{% if lead_score > 50 %}Hot{% endif %}",
	} {
		text, err := liquid.Render("body", template, vars)
		fmt.Println(text, err)
	}
	// Output:
	// Hi Ada, how do you all stay in touch? <nil>
	// Hello there <nil>
	//  the body names {{ company }}, which this contact has no value for
	//  the body compares lead_score, which is "n/a", with a number
}

func ExampleValidate() {
	for _, problem := range liquid.Validate("Hi *|FNAME|*,\n{{ contact }}\n{{ first_name | uppcase }}") {
		fmt.Println(problem)
	}
	// Output:
	// line 1 has *|FNAME|*, which would be sent as it stands: it looks like a placeholder of Mailchimp: write {{ first_name }}
	// line 2 prints {{ contact }}, which is the whole contact and not a text: name one of its variables, as {{ first_name }}
	// line 3 uses the filter "uppcase", which does not exist: did you mean upcase?
}

// TestDocs runs the examples of docs/templates.md.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/templates.md")
	require.NoError(t, err)
	vars := liquid.Vars(campaign.Contact{FirstName: "Ada", Company: "Byron & Co", Fields: map[string]string{
		"Job Title": "CEO", "Employees": "120", "VIP": "true", "Opted Out": "false", "Country": "NO", "Lead Score": "n/a", "Start": "03/14/2024", "Tags": "a,b",
	}})
	ran := 0
	for _, block := range regexp.MustCompile("(?s)```liquid\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for pair := range slices.Chunk(strings.Split(strings.TrimSpace(block[1]), "\n"), 2) {
			template, says := pair[0], strings.TrimPrefix(pair[1], "=> ")
			kind, want, _ := strings.Cut(says, ": ")
			problems := liquid.Validate(template)
			text, err := liquid.Render("body", template, vars)
			switch kind {
			case "sent":
				require.Empty(t, problems, template)
				require.NoError(t, err, template)
				require.Equal(t, want, text, template)
			case "in error":
				require.Empty(t, problems, template)
				require.EqualError(t, err, want, template)
			case "refused":
				require.NotEmpty(t, problems, template)
				require.EqualError(t, problems[0], want, template)
			default:
				require.Fail(t, "an example without its outcome", template)
			}
			ran++
		}
	}
	require.Greater(t, ran, 25)
	for _, filter := range liquid.FilterNames() {
		require.Contains(t, string(page), "`"+filter+"`")
	}
}
