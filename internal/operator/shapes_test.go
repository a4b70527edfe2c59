package operator_test

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"relance/internal/failure"
	"relance/internal/lab/docstable"
	"relance/internal/operator"
)

// shapes are what the commands print with -o json: the results of this package.
var shapes = []struct {
	command string
	value   any
}{
	{"activity", []operator.Activity{}},
	{"apply", operator.Applied{}},
	{"background", []operator.Background{}},
	{"bounce list", []operator.Bounce{}},
	{"bounce add, remove; user set; email-account add, reconnect, connect, remove; plan set", operator.Changed{}},
	{"campaign list", []operator.Campaign{}},
	{"campaign show", operator.CampaignDetails{}},
	{"campaign set-sender", operator.Sender{}},
	{"campaign move-sender", operator.MovedSender{}},
	{"campaign pause, unpause", operator.Pausing{}},
	{"console", struct { // of package cli: where it is served
		URL string `json:"url"`
	}{}},
	{"contacts list", []operator.Contact{}},
	{"contacts show", operator.ContactShown{}},
	{"contacts set", operator.ContactChanged{}},
	{"contacts import", operator.Imported{}},
	{"contacts release", operator.Released{}},
	{"credits add", operator.Credited{}},
	{"email-account list", []operator.Account{}},
	{"email-account pace", operator.PaceSet{}},
	{"email-account test; mailbox check", operator.LoggedIn{}},
	{"enroll", operator.EnrolledFile{}},
	{"errors", []operator.InError{}},
	{"errors summary", []operator.ErrorGroup{}},
	{"errors codes", []failure.Entry{}},
	{"explain", []operator.Explained{}},
	{"explain --mail", operator.ExplainedMail{}},
	{"forecast", []operator.ForecastRow{}},
	{"forecast --whole", operator.Forecast{}},
	{"inbound list", []operator.InboundMessage{}},
	{"inbound show", operator.InboundDetails{}},
	{"inbound attach, ignore", operator.InboundSettled{}},
	{"inbound reclassify", operator.Reclassification{}},
	{"mailbox list", []operator.CampaignMailbox{}},
	{"mailbox show", operator.MailboxShown{}},
	{"migrate", operator.Migrated{}},
	{"plan show", operator.Plan{}},
	{"preview", operator.Preview{}},
	{"reconcile", operator.Reconciled{}},
	{"resume, disenroll", operator.Requested{}},
	{"status", []operator.Status{}},
	{"suppress list, export", []operator.Suppression{}},
	{"suppress add, import", operator.Suppressed{}},
	{"suppress remove", operator.Suppression{}},
	{"test-send", operator.TestSent{}},
	{"timeline", []operator.Event{}},
	{"token add", operator.AddedToken{}},
	{"token list", []operator.Token{}},
	{"token remove", operator.Token{}},
	{"user list", []operator.User{}},
	{"version", struct { // of package cli: it says what the program is, and asks nothing
		Version  string `json:"version"`
		Revision string `json:"revision"`
		Go       string `json:"go"`
	}{}},
	{"why", struct { // of package cli, which puts the next first
		operator.Why
		Others []operator.Why `json:"others,omitempty"`
	}{}},
}

// TestReferenceShapes holds the shapes in docs/reference.md to the types.
func TestReferenceShapes(t *testing.T) {
	var table strings.Builder
	table.WriteString("| command | shape |\n|---|---|\n")
	for _, s := range shapes {
		fmt.Fprintf(&table, "| `%s` | `%s` |\n", s.command, shape(reflect.TypeOf(s.value)))
	}
	docstable.Check(t, "docs/reference.md", "shapes", table.String())
}

// shape writes a type as its JSON: {name, other: [{…}]}. A field that may be left out has a question mark.
func shape(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return shape(t.Elem())
	case t.Kind() == reflect.Slice:
		return "[" + shape(t.Elem()) + "]"
	case t.Kind() == reflect.Map:
		key := strings.ToUpper(t.Key().Name())
		if key == "STRING" {
			key = "NAME"
		}
		return "{" + key + ": " + cmp.Or(shape(t.Elem()), "…") + "}"
	case t.Kind() != reflect.Struct, t == reflect.TypeFor[time.Time](), t.Implements(reflect.TypeFor[json.Marshaler]()), t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return ""
	}
	return "{" + strings.Join(fields(t), ", ") + "}"
}

func fields(t reflect.Type) []string {
	var all []string
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported() && !field.Anonymous:
			continue
		case field.Anonymous && name == "":
			if field.Type.Kind() != reflect.Pointer {
				all = append(all, fields(field.Type)...)
				continue
			}
			for _, one := range fields(field.Type.Elem()) { // none of them when it is nil
				name, of, inner := strings.Cut(one, ": ")
				all = append(all, strings.TrimSuffix(name, "?")+"?"+either(inner, ": "+of))
			}
			continue
		case name == "":
			name = field.Name
		}
		if strings.Contains(options, "omit") {
			name += "?"
		}
		// A field of the struct itself hides one of the same name in what it embeds.
		all = slices.DeleteFunc(all, func(other string) bool { return other == name })
		if inner := shape(field.Type); inner != "" {
			name += ": " + inner
		}
		all = append(all, name)
	}
	return all
}

func either(which bool, yes string) string {
	if which {
		return yes
	}
	return ""
}
