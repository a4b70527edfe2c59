package smsgateway_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/port"
	"relance/internal/devstack/smsgateway"
)

func start(t *testing.T, dir string) *smsgateway.Server {
	t.Helper()
	server, err := smsgateway.Start(t.Context(), smsgateway.Options{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	return server
}

type answer struct {
	status     int
	retryAfter string
	SID        string `json:"sid"`
	Status     any    `json:"status"`
	Code       int    `json:"code"`
	Message    string `json:"message"`
}

func post(t *testing.T, server *smsgateway.Server, token, to string) (answer, error) {
	t.Helper()
	form := url.Values{"From": {"+15005550006"}, "To": {to}, "Body": {"Tom has had the whole of Q4 outreach"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		server.URL()+"/2010-04-01/Accounts/"+smsgateway.AccountSID+"/Messages.json", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(smsgateway.AccountSID, token)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	got := answer{status: response.StatusCode, retryAfter: response.Header.Get("Retry-After")}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&got))
	return got, nil
}

func read(t *testing.T, dir string) (entries []smsgateway.Entry) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, smsgateway.LogName))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		var entry smsgateway.Entry
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		entries = append(entries, entry)
	}
	return entries
}

func TestAnAcceptedMessageIsLogged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	got, err := post(t, server, smsgateway.AuthToken, "+32475000001")
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, got.status)
	require.Equal(t, "queued", got.Status)
	entries := read(t, dir)
	require.Len(t, entries, 1)
	require.Equal(t, got.SID, entries[0].SID)
	require.Equal(t, "+32475000001", entries[0].To)
	require.Equal(t, "Tom has had the whole of Q4 outreach", entries[0].Text)
	require.Equal(t, 1, server.Accepted())
}

func TestNumbersMisbehave(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	for to, want := range map[string]answer{
		"0475 00 00 01": {status: 400, Code: 21211},
		"":              {status: 400, Code: 21604},
		"+32475000211":  {status: 400, Code: 21211},
		"+32475000610":  {status: 400, Code: 21610},
		"+32475000429":  {status: 429, Code: 20429, retryAfter: "5"},
		"+32475000500":  {status: 500, Code: 20500},
	} {
		got, err := post(t, server, smsgateway.AuthToken, to)
		require.NoError(t, err)
		require.Equal(t, want.status, got.status, to)
		require.Equal(t, want.Code, got.Code, to)
		require.Equal(t, want.retryAfter, got.retryAfter, to)
	}
	require.Empty(t, read(t, dir))
}

func TestALostAnswerStillCounts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	_, err := post(t, server, smsgateway.AuthToken, "+32475000000")
	require.Error(t, err)
	entries := read(t, dir)
	require.NotEmpty(t, entries)
	require.False(t, entries[0].Answered)
}

func TestAWrongTokenIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got, err := post(t, start(t, dir), "wrong", "+32475000001")
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, got.status)
	require.Equal(t, 20003, got.Code)
	require.Empty(t, read(t, dir))
}

func TestStopFreesThePort(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	_, err := smsgateway.Start(t.Context(), smsgateway.Options{Dir: dir, Port: server.Port()})
	require.ErrorContains(t, err, "choose another with --sms-port")
	require.NoError(t, server.Stop())
	require.NoError(t, server.Stop())
	require.NoError(t, port.Check("", server.Port()))
}
