package unsubscribe_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/unsubscribe"
)

var key = []byte("0123456789abcdef0123456789abcdef")

func TestLinks(t *testing.T) {
	t.Parallel()
	links := unsubscribe.New("https://mail.example/out/", key)
	for _, id := range []int64{1, 127, 128, 70_000, 1 << 40} {
		token := links.Token(id)
		require.Regexp(t, `^[A-Za-z0-9_-]{22,34}$`, token)
		got, err := links.Read(token)
		require.NoError(t, err)
		require.Equal(t, id, got)
		require.Equal(t, "https://mail.example/out/u/"+token, links.URL(id))
		mailto, err := url.Parse(links.Mailto("maya+out@northwind.example", id))
		require.NoError(t, err)
		got, ok := links.InSubject(mailto.Query().Get("subject"))
		require.True(t, ok)
		require.Equal(t, id, got)
		for at := range token { // every other letter in its place is somebody else's
			forged := token[:at] + string("Ab"[b2i(token[at] == 'A')]) + token[at+1:]
			_, err := links.Read(forged)
			require.ErrorIs(t, err, unsubscribe.ErrNotOurs, forged)
		}
	}
	_, err := unsubscribe.New("https://mail.example", []byte("another key of thirty-two bytes!")).Read(links.Token(1))
	require.ErrorIs(t, err, unsubscribe.ErrNotOurs)
	require.Empty(t, unsubscribe.New("", key).URL(1))
	require.NotEmpty(t, unsubscribe.New("", key).Mailto("maya@northwind.example", 1), "a mailbox needs no page")
	require.Empty(t, unsubscribe.New("https://mail.example", nil).URL(1))
	require.Equal(t, "https://mail.example/out/u/preview", links.URL(0))
	_, err = unsubscribe.Links{}.Read("")
	require.ErrorIs(t, err, unsubscribe.ErrNotOurs)
	for _, subject := range []string{"", "unsubscribe", "Re: unsubscribe me from this", "unsubscribe " + strings.Repeat("A", 24)} {
		_, ok := links.InSubject(subject)
		require.False(t, ok, subject)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

type register struct {
	ids []int64
	err error
}

func (r *register) Unsubscribe(_ context.Context, id int64) error {
	r.ids = append(r.ids, id)
	return r.err
}

func ask(t *testing.T, handler http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func TestAGetAsksAndAPostActs(t *testing.T) {
	t.Parallel()
	links, kept := unsubscribe.New("https://mail.example", key), &register{}
	handler := unsubscribe.Handler(links, kept, func(err error) { t.Error(err) })
	path := "/u/" + links.Token(17)
	for range 3 { // a scanner follows the link, and asks for its head
		answer := ask(t, handler, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, answer.Code)
		require.Contains(t, answer.Body.String(), `<form method="post">`)
		require.Equal(t, http.StatusOK, ask(t, handler, http.MethodHead, path, "").Code)
	}
	require.Empty(t, kept.ids)

	answer := ask(t, handler, http.MethodPost, path, "List-Unsubscribe=One-Click", "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusOK, answer.Code, "without a redirect (RFC 8058 §3.1)")
	require.Empty(t, answer.Header().Get("Set-Cookie"))
	require.Equal(t, []int64{17}, kept.ids)
	require.Equal(t, http.StatusOK, ask(t, handler, http.MethodPost, path, "").Code, "a second time is no error")
	require.Equal(t, http.StatusNotFound, ask(t, handler, http.MethodPost, "/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "").Code)
	require.Equal(t, http.StatusNotFound, ask(t, handler, http.MethodGet, "/u/"+strings.Repeat("x", 5000), "").Code)
	require.Equal(t, http.StatusNotFound, ask(t, handler, http.MethodGet, "/", "").Code)
	require.Equal(t, http.StatusMethodNotAllowed, ask(t, handler, http.MethodDelete, path, "").Code)
	require.Len(t, kept.ids, 2)
}

func TestThePageSpeaksTheReadersLanguage(t *testing.T) {
	t.Parallel()
	links := unsubscribe.New("https://mail.example", key)
	handler := unsubscribe.Handler(links, &register{}, func(err error) { t.Error(err) })
	for accepted, want := range map[string]string{
		"": "Unsubscribe", "de-AT,de;q=0.9,en;q=0.5": "Abmelden", "fr-BE": "Se désabonner", "nl": "Afmelden", "es-MX": "Darse de baja",
		"it": "Annulla", "pt-BR": "Cancelar", "ja": "Unsubscribe", "x;;;": "Unsubscribe",
	} {
		require.Contains(t, ask(t, handler, http.MethodGet, "/u/"+links.Token(1), "", "Accept-Language", accepted).Body.String(), "<h1>"+want, accepted)
	}
}

func TestWhatCannotBeDoneIsSaid(t *testing.T) {
	t.Parallel()
	links := unsubscribe.New("https://mail.example", key)
	var failed error
	handler := unsubscribe.Handler(links, &register{err: errors.New("PostgreSQL is away")}, func(err error) { failed = err })
	answer := ask(t, handler, http.MethodPost, "/u/"+links.Token(1), "")
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
	require.Equal(t, "60", answer.Header().Get("Retry-After"))
	require.NotContains(t, answer.Body.String(), "PostgreSQL")
	require.ErrorContains(t, failed, "PostgreSQL")
	gone := unsubscribe.Handler(links, &register{err: unsubscribe.ErrUnknown}, nil)
	require.Equal(t, http.StatusNotFound, ask(t, gone, http.MethodPost, "/u/"+links.Token(1), "").Code)
}

func TestOneClientIsBounded(t *testing.T) {
	t.Parallel()
	links, kept := unsubscribe.New("https://mail.example", key), &register{}
	handler := unsubscribe.Handler(links, kept, nil)
	status := http.StatusOK
	for i := 0; status == http.StatusOK && i < 100; i++ {
		status = ask(t, handler, http.MethodPost, "/u/"+links.Token(1), "").Code
	}
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Less(t, len(kept.ids), 40)
}

// Tokens may begin with the character that some programs write for a space, and end with one
// that ends no word: each subject that a link asks for is read.
func TestEverySubjectIsRead(t *testing.T) {
	t.Parallel()
	links := unsubscribe.New("", []byte("0123456789abcdef0123456789abcdef"))
	for _, id := range append(numbers(1, 3000), numbers(1<<14, 1<<14+3000)...) {
		token := links.Token(id)
		for _, subject := range []string{"unsubscribe " + token, "unsubscribe_" + token, "Unsubscribe+" + token, "Re: unsubscribe  " + token + " (please)"} {
			got, ok := links.InSubject(subject)
			require.True(t, ok, subject)
			require.Equal(t, id, got, subject)
		}
	}
}

func numbers(from, to int64) (all []int64) {
	for id := from; id < to; id++ {
		all = append(all, id)
	}
	return all
}
