package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/operator"
)

const enrollPath = "/campaigns/q4/enrollments"

func TestContactsAreCreatedRecognisedAndEnrolled(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	const body = `{"source": "HubSpot", "contacts": [
		{"recordId": "9001", "email": "Ada Lovelace <Ada@Contoso.example>", "company": "Contoso", "phone": "+44 20 7946 0018", "fields": {"city": "London", "n": "NULL"}},
		{"email": "c1@contoso.example", "lastName": "One"}, {"id": 2}, {"email": "no address", "name": "Dr. Bob Ross", "phone": "nonsense"}, {"email": "ada@contoso.example", "company": null}
	]}`
	got := b.post(enrollPath, body).is(http.StatusAccepted)
	require.Equal(t, fmt.Sprintf("/api/v1/requests/%.0f", got.body["requestId"]), got.header.Get("Location"))
	require.Equal(t, []any{2.0, 2.0, 2.0, 1.0, 1.0}, []any{got.body["enrolled"], got.body["already"], got.body["created"], got.body["updated"], got.body["unchanged"]}, got.raw)
	contacts, err := json.Marshal(got.body["contacts"])
	require.NoError(t, err)
	require.JSONEq(t, `[{"id": 3, "outcome": "created", "enrolled": true}, {"id": 1, "outcome": "updated", "enrolled": false}, {"id": 2, "outcome": "unchanged", "enrolled": false},
		{"id": 4, "outcome": "created", "enrolled": true}, {"id": 3, "outcome": "created", "enrolled": true}]`, string(contacts))
	require.Contains(t, got.raw, `{"contact":3,"field":"email","value":"no address","problem":"this cannot be an email address:`)
	require.Contains(t, got.raw, `{"contact":3,"field":"phone","value":"nonsense","problem":"this is not a phone number; it is kept as a custom field"}`)
	require.Equal(t, int64(1), b.started.Load())

	ada := b.get("/contacts/3").is(http.StatusOK)
	require.Equal(t, []any{"Ada", "Lovelace", "ada@contoso.example", "+442079460018", "9001"},
		[]any{ada.body["firstName"], ada.body["lastName"], ada.body["email"], ada.body["phone"], ada.body["recordId"]}, "as an import reads it")
	require.Equal(t, map[string]any{"city": "London"}, ada.body["fields"])
	require.Equal(t, "token:crm", one[string](b, `SELECT enrolled_by FROM enrollments WHERE contact_id = 3`))
	require.Equal(t, "token:crm", one[string](b, `SELECT by FROM outbox WHERE kind = 'enroll' AND done_at IS NULL`))
	bob := b.get("/contacts/4").is(http.StatusOK)
	require.Equal(t, map[string]any{"Salutation": "Dr.", "phone": "nonsense"}, bob.body["fields"])

	again := b.post(enrollPath, body).is(http.StatusOK)
	require.Equal(t, []any{0.0, 4.0, 0.0, 0.0, 0.0}, []any{again.body["enrolled"], again.body["already"], again.body["created"], again.body["updated"], again.body["requestId"]}, "twice changes nothing")
	for query, id := range map[string]string{
		"address=ADA@contoso.example": `"id":3,`, "recordId=9001": `"id":3,`, "recordId=9001&source=hubspot": `"id":3,`, "recordId=9001&source=salesforce": `"items":[]`, "address=x@y.example": `"items":[]`,
	} {
		require.Contains(t, b.get("/contacts?"+query).is(http.StatusOK).raw, id, query)
	}
}

// An address that a person has mended here is not undone by a program.
func TestAMendedAddressStays(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	const ann = `{"source": "hubspot", "contacts": [{"recordId": "1", "email": "ann@old.example", "firstName": "Ann"}]}`
	b.post(enrollPath, ann).is(http.StatusAccepted)
	b.park(1, failure.Problem{Code: failure.EmailAlreadyBounced, Causes: []failure.Cause{failure.ContactEmail(1)}})
	mended := "ann@mended.example"
	_, err := b.op.SetContact(t.Context(), 1, operator.ContactEdit{Email: &mended})
	require.NoError(t, err)
	got := b.post(enrollPath, ann).is(http.StatusOK)
	require.Contains(t, got.raw, "was set here (ann@mended.example) and is kept")
	require.Equal(t, mended, b.get("/contacts/1").is(http.StatusOK).body["email"])
}

// A value that a parked contact misses frees it, as an import does.
func TestAValueThatWasMissingFreesTheContact(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.park(1, failure.Problem{Code: failure.MessageCannotBeRendered, Causes: []failure.Cause{failure.ContactFields(1)}})
	got := b.post(enrollPath, `{"contacts": [{"email": "c1@contoso.example", "fields": {"city": "Ghent"}}]}`).is(http.StatusOK)
	require.InDelta(t, 1, got.body["resuming"], 0)
	require.Equal(t, int64(1), b.woken.Load())
}

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	const body = `{"contacts": [{"email": "ada@contoso.example", "firstName": "Ada"}, {"email": "bad"}, {"name": "Bob"}]}`
	refused := b.post(enrollPath, body, "Idempotency-Key", "k1").is(http.StatusUnprocessableEntity, "UnclearContacts", `"pointer":"/contacts/1"`, "nothing says who this is")
	require.Empty(t, refused.header.Get("Idempotency-Replayed"))
	require.Zero(t, one[int](b, `SELECT count(*) FROM contacts`), "either everything or nothing")
	const good = `{"contacts": [{"email": "ada@contoso.example", "firstName": "Ada"}, {"name": "Bob"}]}`
	first := b.post(enrollPath, good, "Idempotency-Key", "k1").is(http.StatusAccepted)
	b.exec(`UPDATE contacts SET first_name = 'Other'; UPDATE enrollments SET started_at = now()`)
	second := b.post(enrollPath, good, "Idempotency-Key", "k1").is(http.StatusAccepted)
	require.Equal(t, first.raw, second.raw)
	require.Equal(t, first.header.Get("Location"), second.header.Get("Location"))
	require.Equal(t, "true", second.header.Get("Idempotency-Replayed"))
	require.Equal(t, "Other", one[string](b, `SELECT first_name FROM contacts WHERE id = 1`), "it is not done again")

	other := strings.Replace(good, "Ada", "Eve", 1)
	b.post(enrollPath, other, "Idempotency-Key", "k1").is(http.StatusUnprocessableEntity, "IdempotencyKeyReused", "Idempotency-Key")
	b.exec(`INSERT INTO campaigns (key, name, owner, steps) SELECT 'q5', name, owner, steps FROM campaigns`)
	b.post("/campaigns/q5/enrollments", good, "Idempotency-Key", "k1").is(http.StatusUnprocessableEntity, "IdempotencyKeyReused")
	mine := b.token
	b.token = b.newToken("second", operator.RoleOperator)
	b.post(enrollPath, other, "Idempotency-Key", "k1").is(http.StatusOK)
	b.token = mine
	b.exec(`UPDATE idempotency_keys SET created_at = created_at - interval '25 hours'`)
	b.post(enrollPath, other, "Idempotency-Key", "k1").is(http.StatusOK)
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM idempotency_keys`), "they are kept for a day")
	for _, wrong := range []string{"", "a b", "é", strings.Repeat("x", 256)} {
		b.post(enrollPath, good, "Idempotency-Key", wrong).is(http.StatusBadRequest, "BadParameter", "Idempotency-Key")
	}
	b.post(enrollPath, good, "Idempotency-Key", "a", "Idempotency-Key", "b").is(http.StatusBadRequest, "BadParameter")
}

func TestTwentyAtOnceMakeOneEnrollment(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	const body, at = `{"contacts": [{"name": "Ada Lovelace", "company": "Contoso"}, {"email": "bob@contoso.example"}]}`, 20
	answers, together := make([]answer, at), sync.WaitGroup{}
	for i := range at {
		together.Go(func() { answers[i] = b.post(enrollPath, body, "Idempotency-Key", "one") })
	}
	together.Wait()
	replayed := 0
	for _, got := range answers {
		got.is(http.StatusAccepted)
		require.Equal(t, answers[0].raw, got.raw)
		if got.header.Get("Idempotency-Replayed") == "true" {
			replayed++
		}
	}
	require.Equal(t, at-1, replayed)
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM contacts`))
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM enrollments`))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM outbox WHERE kind = 'enroll'`))
}

// A crash before the commit keeps neither the key nor the contacts; one behind it is
// answered by the repeated request, which also has the workflows started.
func TestACrashBetween(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	const body = `{"contacts": [{"email": "ada@contoso.example"}]}`
	b.exec(`CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the connection is gone''; END';
		CREATE TRIGGER crash BEFORE UPDATE ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION crash()`)
	b.post(enrollPath, body, "Idempotency-Key", "k").is(http.StatusServiceUnavailable, "Unavailable")
	require.Zero(t, one[int](b, `SELECT (SELECT count(*) FROM contacts) + (SELECT count(*) FROM enrollments) + (SELECT count(*) FROM outbox WHERE kind = 'enroll') + (SELECT count(*) FROM idempotency_keys)`))
	b.exec(`DROP TRIGGER crash ON idempotency_keys`)
	b.down.Store(true)
	first := b.post(enrollPath, body, "Idempotency-Key", "k").is(http.StatusAccepted)
	require.Contains(t, b.log.String(), "Temporal does not answer")
	b.down.Store(false)
	second := b.post(enrollPath, body, "Idempotency-Key", "k").is(http.StatusAccepted)
	require.Equal(t, first.raw, second.raw)
	require.Equal(t, int64(1), b.started.Load())
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM enrollments`))
}

func TestWhatEnrollmentsRefuse(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	many := strings.TrimSuffix(strings.Repeat(`{"id": 1},`, 1001), ",")
	for body, want := range map[string][]string{
		``:                 {"422", "InvalidValue", "/contacts", "at least one"},
		`{"contacts": []}`: {"422", "InvalidValue", "/contacts"},
		`{"contacts": [{"emial": "a@b.example"}]}`:         {"400", "UnknownField", "emial", `"/contacts/0/emial"`, "expected company, email"},
		`{"contacts": [{"Email": "a@b.example"}]}`:         {"400", "UnknownField", "Email"},
		`{"contacts": [{"email": "a@b.example"}], "x": 1}`: {"400", "UnknownField", `"/x"`},
		`{"contacts": [{"recordId": 7}]}`:                  {"400", "BadBody", `"/contacts/0/recordId"`, "expected a text"},
		`{"contacts": [{"fields": {"a/b": 1}}]}`:           {"400", "BadBody", `"/contacts/0/fields/a~1b"`},
		`{"contacts": [{"email": "a", "email": "b"}]}`:     {"400", "BadBody", "given twice"},
		`{"contacts": {"email": "a@b.example"}}`:           {"400", "BadBody", "expected a list"},
		`[{"email": "a@b.example"}]`:                       {"400", "BadBody", "expected an object"},
		`{"contacts": [{"id": 1.5}]}`:                      {"400", "BadBody", "/contacts/0/id"},
		`{"contacts": [{"id": 99999999999999999999}]}`:     {"400", "BadBody", "/contacts/0/id"},
		`{"contacts": [{"id": -1}]}`:                       {"422", "InvalidValue", "/contacts/0/id"},
		`{"contacts": [{"id": 1, "name": "Ada"}]}`:         {"422", "InvalidValue", "/contacts/0/id", "alone"},
		`{"contacts": [{"recordId": "7"}]}`:                {"422", "InvalidValue", "/source"},
		`{"contacts": [{"id": 77}]}`:                       {"404", "NotFound", "77"},
		`{"contacts": [{}]}`:                               {"422", "UnclearContacts", "/contacts/0"},
		`{"contacts": [{"id": 1}]} x`:                      {"400", "BadBody", "behind"},
		`{"contacts": [{"id": 1}`:                          {"400", "BadBody", "not valid JSON"},
		`{"contacts": [{"name": "` + "\xff" + `"}]}`:       {"400", "BadBody", "UTF-8"},
		`{"contacts": [` + many + `]}`:                     {"413", "BodyTooLarge", "1001"},
		`{"source": "` + strings.Repeat("x", 1<<20) + `"}`: {"413", "BodyTooLarge", "1048576"},
		strings.Repeat(`{"contacts":[`, 100_000):           {"413", "BodyTooLarge"},
		strings.Repeat(`[`, 100_000):                       {"400", "BadBody"},
	} {
		got := b.post(enrollPath, body)
		require.Equal(t, want[0], fmt.Sprint(got.status), "%.100s: %s", body, got.raw)
		got.is(got.status, want[1:]...)
	}
	b.ask(http.MethodPost, enrollPath, `{}`, "").is(http.StatusUnsupportedMediaType, "NotJSON")
	b.ask(http.MethodPost, enrollPath, `{}`, "", "Content-Type", "text/plain").is(http.StatusUnsupportedMediaType, "NotJSON", "text/plain")
	b.post("/campaigns/q9/enrollments", `{"contacts": [{"id": 1}]}`).is(http.StatusNotFound, "NotFound", "Use one of these: q4.", "starter campaign list")
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM contacts`))
	require.Zero(t, b.started.Load())
}

func TestAnEnrollmentBeginsLater(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	got := b.post(enrollPath, `{"at": "2999-12-01T09:00:00+01:00", "contacts": [{"email": "ann@contoso.example"}]}`).is(http.StatusAccepted)
	require.Contains(t, got.raw, `"at":"2999-12-01T`)
	require.Zero(t, b.started.Load(), "nobody is started before it")
	require.Contains(t, b.get(fmt.Sprintf("/requests/%.0f", got.body["requestId"])).is(http.StatusOK).raw, `"notBefore":"2999-12-01T`)
	past := b.post(enrollPath, `{"at": "2020-12-01 09:00", "contacts": [{"email": "bob@contoso.example"}]}`)
	require.Contains(t, past.raw, "is 2020-12-01T09:00:00Z, which is over")
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM contacts`), "of a call that fails nothing is kept")
}
