package api

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/operator"
)

// Every route is in the document, and the other way round; so is who may take it.
func TestTheDocumentHasTheRoutes(t *testing.T) {
	t.Parallel()
	document, err := contract()
	require.NoError(t, err, "openapi.yaml is no OpenAPI 3.1 document")
	left := map[string]*openapi3.Operation{}
	for path, item := range document.Paths.Map() {
		for method, of := range item.Operations() {
			left[method+" "+path] = of
		}
	}
	for _, route := range routes {
		name := route.method + " " + Root + route.path
		of := left[name]
		require.NotNil(t, of, "openapi.yaml has not %s", name)
		delete(left, name)
		require.Equal(t, route.role == anybody, of.Security != nil && len(*of.Security) == 0, "who may %s", name)
		require.Equal(t, route.method != http.MethodGet, route.role == operator.RoleOperator, "what changes something is an operator's: %s", name)
		require.NotNil(t, of.Responses.Default(), "%s has no problem", name)
	}
	require.Empty(t, left, "openapi.yaml has routes that there are not")
}

// The fields of the types are those of the schemas, and those that may be left out.
func TestTheDocumentHasTheFields(t *testing.T) {
	t.Parallel()
	document, err := contract()
	require.NoError(t, err)
	left := map[string]bool{}
	for name, schema := range document.Components.Schemas {
		if schema.Value.Type.Includes("object") {
			left[name] = true
		}
	}
	compare := func(name string, of reflect.Type, answers bool) {
		delete(left, name)
		schema := document.Components.Schemas[name]
		require.NotNil(t, schema, name)
		var fields, required []string
		for field, optional := range jsonFields(of) {
			fields = append(fields, field)
			if !optional {
				required = append(required, field)
			}
		}
		require.ElementsMatch(t, fields, keysOf(schema.Value.Properties), "the fields of %s", name)
		require.NotNil(t, schema.Value.AdditionalProperties.Has, name)
		require.False(t, *schema.Value.AdditionalProperties.Has, name)
		if answers {
			require.ElementsMatch(t, required, schema.Value.Required, "the fields of %s that are always there", name)
		}
	}
	for name, value := range map[string]any{
		"Problem": Problem{}, "FieldError": FieldError{}, "ContactsEnrolled": operator.ContactsEnrolled{}, "EnrolledContact": operator.EnrolledContact{},
		"ContactProblem": operator.ContactProblem{}, "Contacts": contacts{}, "Contact": operator.ContactDetails{}, "Enrollment": operator.Enrollment{},
		"ErrorList": errorList{}, "InError": operator.InError{}, "ErrorGroups": errorGroups{}, "ErrorGroup": operator.ErrorGroup{}, "Ended": operator.Ended{}, "SentEvidence": operator.SentEvidence{}, "Words": failure.Words{},
		"Changed": operator.Changed{}, "Edit": operator.Edit{}, "Requested": operator.Requested{}, "Outcome": operator.Outcome{}, "RequestStatus": operator.RequestStatus{},
	} {
		compare(name, reflect.TypeOf(value), true)
	}
	retry, _ := reflect.TypeFor[operator.Enrollment]().FieldByName("Retry")
	compare("Retry", retry.Type.Elem(), true)
	for name, value := range map[string]any{
		"Enrollments": enrollments{}, "GivenContact": contact{}, "Reconnect": reconnect{}, "Resume": resume{}, "Disenroll": disenroll{}, "Pace": pace{},
	} {
		compare(name, reflect.TypeOf(value), false)
	}
	require.Empty(t, left, "schemas that no type has")
}

// jsonFields are the names of a type's fields, and whether each may be left out.
func jsonFields(of reflect.Type) map[string]bool {
	fields := map[string]bool{}
	for i := range of.NumField() {
		field := of.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case field.Anonymous && name == "":
			for inner, optional := range jsonFields(field.Type) {
				if _, own := fields[inner]; !own {
					fields[inner] = optional
				}
			}
		case field.IsExported():
			fields[name] = strings.Contains(options, "omit")
		}
	}
	return fields
}

func keysOf[V any](of map[string]V) []string {
	var keys []string
	for key := range of {
		keys = append(keys, key)
	}
	return keys
}

// Every code that a problem may have is named in the document.
func TestTheDocumentHasTheCodes(t *testing.T) {
	t.Parallel()
	document, err := contract()
	require.NoError(t, err)
	described := document.Components.Schemas["Problem"].Value.Properties["code"].Value.Description
	for _, of := range []kind{
		unauthenticated, forbidden, notFound, methodNotAllowed, stale, refused, keyReused, tooLarge, notJSON, badBody, unknownField, badParameter, invalidValue,
		unclearContacts, passwordNeeded, timedOut, notAvailable, deliveryUncertain, accountInError,
	} {
		require.Contains(t, described, of.code)
	}
	statuses := document.Components.Schemas["Enrollment"].Value.Properties["status"].Value.Enum
	require.Len(t, statuses, 6)
	require.True(t, slices.ContainsFunc(failure.Catalogue(), func(e failure.Entry) bool { return string(e.Code) == deliveryUncertain.code }))
}

func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	got := b.ask(http.MethodGet, "/openapi.yaml", "", "-").is(http.StatusOK)
	require.Equal(t, string(document), got.raw)
	require.Equal(t, "application/yaml", got.header.Get("Content-Type"))
}

func TestTimesAreInUTC(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.FixedZone("there", 3600))
	type inner struct{ At time.Time }
	type outer struct {
		inner
		Inner []inner
		May   *time.Time
		None  *time.Time
		Deep  *inner
	}
	from := outer{inner{at}, []inner{{at}}, &at, nil, &inner{at}}
	got, ok := inUTC(from).(outer)
	require.True(t, ok)
	for _, one := range []time.Time{got.At, got.Inner[0].At, got.Deep.At, *got.May, got.Deep.At} {
		require.Equal(t, "2026-11-29T11:00:00Z", one.Format(time.RFC3339))
	}
	require.Equal(t, "there", at.Location().String())
}
