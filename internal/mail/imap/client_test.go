package imap_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
	"relance/internal/mail/dial"
	"relance/internal/mail/imap"
	"relance/internal/mail/imap/imaptest"
)

func settings(server *imaptest.Server) imap.Settings {
	return imap.Settings{Host: "127.0.0.1", Port: server.Port(), TLS: campaign.TLSNone, Username: "maya", Password: imaptest.Password}
}

func serve(t *testing.T) *imaptest.Server {
	t.Helper()
	return (&imaptest.Server{}).Start(t)
}

func dialed(t *testing.T, server *imaptest.Server, options ...imap.Option) *imap.Client {
	t.Helper()
	client, err := imap.Dial(t.Context(), settings(server), options...)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

// faultOf is what an error says, and which fault it is.
func faultOf(t *testing.T, err error) *imap.Error {
	t.Helper()
	var fault *imap.Error
	require.ErrorAs(t, err, &fault)
	return fault
}

// What servers of the large providers say, word for word where it is known.
func TestWhatARefusedLoginMeans(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]imap.Fault{
		"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)": imap.LoginRefused,
		"NO LOGIN failed.": imap.LoginRefused,
		"NO [AUTHENTICATIONFAILED] Authentication temporarily not possible":                                                   imap.LoginRefused,
		"NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)":      imap.LoginRefused,
		"NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)":      imap.LoginRefused,
		"NO [EXPIRED] Your password has expired":                                                                              imap.LoginRefused,
		"NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account.": imap.Disabled,
		"NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled":                                             imap.Disabled,
		"NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator (Failure)":                 imap.Disabled,
		"NO [ALERT] Too many simultaneous connections. (Failure)":                                                             imap.Unreachable,
		"NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=16)":               imap.Unreachable,
		"NO [UNAVAILABLE] Temporary authentication failure. [mx1:2026-01-01 10:00:00]":                                        imap.Unreachable,
		"NO [INUSE] mailbox is locked":                                         imap.Unreachable,
		"BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds": imap.Unreachable,
		"BAD User is authenticated but not connected.":                         imap.Unreachable,
		"NO Server Unavailable. 15":                                            imap.Unreachable,
	} {
		server := serve(t)
		server.With(func(f *imaptest.Faults) { f.Answers = map[string]string{"LOGIN": answer} })
		_, err := imap.Dial(t.Context(), settings(server))
		fault := faultOf(t, err)
		require.Equal(t, want, fault.Fault, answer)
		require.Equal(t, want == imap.Unreachable, fault.Retry())
		_, words, _ := strings.Cut(strings.TrimPrefix(answer, "BAD "), "] ")
		require.Contains(t, err.Error(), words[max(0, len(words)-20):], "the server's words")
	}
}

func TestAServerThatHangsUpIsQuoted(t *testing.T) {
	t.Parallel()
	server := serve(t)
	server.With(func(f *imaptest.Faults) { f.Greeting = "* BYE Server is too busy" })
	_, err := imap.Dial(t.Context(), settings(server))
	require.True(t, faultOf(t, err).Retry())
	require.EqualError(t, err, "the mail server ended the conversation (at the greeting): Server is too busy")

	server.With(func(f *imaptest.Faults) { f.Greeting, f.ByeInIdle = "", "Session expired, please login again" })
	client := dialed(t, server)
	_, err = client.Examine(t.Context(), "INBOX")
	require.NoError(t, err)
	_, err = client.Idle(t.Context(), nil, time.Minute)
	require.EqualError(t, err, "the mail server ended the conversation (at waiting for mail): Session expired, please login again")
}

// Every step against a server that says nothing more: the watchdog ends it, and so does
// the context.
func TestNoCommandHangs(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"CAPABILITY", "LOGIN", "EXAMINE", "UID FETCH", "UID SEARCH", "IDLE", "NOOP"} {
		for _, patient := range []bool{false, true} {
			t.Run(fmt.Sprint(command, " ", patient), func(t *testing.T) {
				t.Parallel()
				server := serve(t)
				server.Deliver("INBOX", "Subject: a\r\n\r\nb\r\n")
				server.With(func(f *imaptest.Faults) { f.Answers = map[string]string{command: imaptest.Silence} })
				ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
				defer cancel()
				silence := time.Minute
				if !patient {
					ctx, silence = t.Context(), 300*time.Millisecond
				}
				began := time.Now()
				err := all(ctx, settings(server), imap.WithTimeouts(0, silence, 0))
				require.Less(t, time.Since(began), 20*time.Second)
				if patient {
					require.ErrorIs(t, err, context.DeadlineExceeded)
				} else {
					require.ErrorContains(t, err, "the server has gone silent")
					require.True(t, faultOf(t, err).Retry())
				}
			})
		}
	}
}

// all does everything there is to do.
func all(ctx context.Context, settings imap.Settings, options ...imap.Option) error {
	client, err := imap.Dial(ctx, settings, options...)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Folders(ctx); err != nil {
		return err
	}
	if _, err := client.Examine(ctx, "INBOX"); err != nil {
		return err
	}
	if err := client.Noop(ctx); err != nil {
		return err
	}
	if err := client.Fetch(ctx, []uint32{1}, imap.Whole, nil, func(imap.Fetched) error { return nil }); err != nil {
		return err
	}
	if _, err := client.Since(ctx, time.Now()); err != nil {
		return err
	}
	_, err = client.Idle(ctx, nil, time.Millisecond)
	return err
}

func TestTheConnectionIsEncryptedAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	certificate := &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
	for name, test := range map[string]struct {
		server *imaptest.Server
		mode   campaign.TLS
		roots  *x509.CertPool
		says   string
	}{
		"implicit":                           {&imaptest.Server{TLS: certificate}, campaign.TLSImplicit, trusted, ""},
		"starttls":                           {&imaptest.Server{StartTLS: certificate}, campaign.TLSStartTLS, trusted, ""},
		"starttls is the default":            {&imaptest.Server{StartTLS: certificate}, "", trusted, ""},
		"an unknown authority":               {&imaptest.Server{TLS: certificate}, campaign.TLSImplicit, nil, "is from an authority that is not known here"},
		"an unknown authority, starttls":     {&imaptest.Server{StartTLS: certificate}, campaign.TLSStartTLS, nil, "is from an authority that is not known here"},
		"no starttls":                        {&imaptest.Server{}, campaign.TLSStartTLS, trusted, "offers no STARTTLS on port"},
		"no TLS at once":                     {&imaptest.Server{}, campaign.TLSImplicit, trusted, "choose tls: starttls, or the port for implicit TLS (usually 993)"},
		"a way that there is not":            {&imaptest.Server{}, "ssl", trusted, "expected implicit, starttls or none"},
		"TLS where the settings expect none": {&imaptest.Server{TLS: certificate}, campaign.TLSNone, trusted, "silent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := settings(test.server.Start(t))
			of.TLS = test.mode
			silence := time.Minute
			if test.says == "silent" {
				silence = time.Second
			}
			client, err := imap.Dial(t.Context(), of, imap.WithRootCAs(test.roots), imap.WithTimeouts(0, silence, 0))
			if test.says == "" {
				require.NoError(t, err)
				client.Close()
				return
			}
			require.ErrorContains(t, err, test.says)
			require.Equal(t, test.says != "silent", faultOf(t, err).Fault == imap.Misconfigured, "%v", err)
			require.NotContains(t, strings.Join(test.server.Heard(), " "), "LOGIN", "no password is sent")
		})
	}
}

func TestAnAddressThatIsNotDialled(t *testing.T) {
	t.Parallel()
	_, err := imap.Dial(t.Context(), imap.Settings{Host: "169.254.169.254", Port: 993, TLS: campaign.TLSImplicit})
	require.EqualError(t, err, "the mail server 169.254.169.254 is an address for the metadata of a cloud: no mail server is looked for there")
	require.Equal(t, imap.Misconfigured, faultOf(t, err).Fault)
	_, err = imap.Dial(t.Context(), imap.Settings{Host: "10.0.0.1", Port: 143, TLS: campaign.TLSNone}, imap.WithCaution(dial.Caution{Typed: true}))
	require.ErrorContains(t, err, "without TLS the password could be read on the way")
	server := serve(t)
	dialed(t, server, imap.WithCaution(dial.Caution{Typed: true, Trusted: []netip.Prefix{}}))
}

func TestAPasswordWithLettersOfAnyLanguage(t *testing.T) {
	t.Parallel()
	server := serve(t)
	of := settings(server)
	of.Password = "pässwört"
	_, err := imap.Dial(t.Context(), of)
	require.Equal(t, imap.LoginRefused, faultOf(t, err).Fault)
	require.Contains(t, server.Heard(), "AUTHENTICATE", "by PLAIN, which is UTF-8")

	server.With(func(f *imaptest.Faults) { f.Capabilities = "IMAP4rev1 LOGINDISABLED" })
	_, err = imap.Dial(t.Context(), settings(server))
	require.ErrorContains(t, err, "offers no login with user name and password")
	require.Equal(t, imap.Misconfigured, faultOf(t, err).Fault)

	server.With(func(f *imaptest.Faults) { f.Capabilities = "IMAP4rev1 LOGINDISABLED AUTH=PLAIN" })
	dialed(t, server)
}

func TestAMessageIsFoundByItsID(t *testing.T) {
	t.Parallel()
	for _, blind := range []bool{false, true} {
		server := serve(t)
		server.With(func(f *imaptest.Faults) { f.NoSearch = blind })
		for i := range 250 {
			server.Deliver("Sent", fmt.Sprintf("Message-ID: <%d@northwind.example>\r\nSubject: quotes <250@northwind.example>\r\n\r\n<251@northwind.example>\r\n", i))
		}
		server.Deliver("Sent", "Message-ID: <0100018f@eu-west-1.amazonses.com>\r\nX-Microsoft-Original-Message-ID:\r\n <ours@northwind.example>\r\n\r\n")
		client := dialed(t, server)
		_, err := client.Examine(t.Context(), "Sent")
		require.NoError(t, err)
		for id, want := range map[string][]uint32{
			"<17@northwind.example>": {18}, "17@northwind.example": {18}, "<ours@northwind.example>": {251},
			"<250@northwind.example>": nil, "<251@northwind.example>": nil, "<7@northwind.example>": {8},
		} {
			found, err := client.Find(t.Context(), id, time.Now(), "X-Microsoft-Original-Message-ID")
			require.NoError(t, err)
			require.Equal(t, want, found, "%s, blind: %v", id, blind)
		}
	}
}

func TestAServerThatRefusesToSearchByHeader(t *testing.T) {
	t.Parallel()
	server := serve(t)
	server.Deliver("Sent", "Message-ID: <1@northwind.example>\r\n\r\n")
	server.With(func(f *imaptest.Faults) { f.Answers = map[string]string{"UID SEARCH HEADER": "BAD Command Error. 10"} })
	client := dialed(t, server)
	_, err := client.Examine(t.Context(), "Sent")
	require.NoError(t, err)
	found, err := client.Find(t.Context(), "<1@northwind.example>", time.Now())
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, found)
}

func TestALoginWithAToken(t *testing.T) {
	t.Parallel()
	for _, offers := range []string{"AUTH=PLAIN AUTH=XOAUTH2 SASL-IR", "AUTH=XOAUTH2", "LOGINDISABLED AUTH=OAUTHBEARER SASL-IR"} {
		server := serve(t)
		server.With(func(f *imaptest.Faults) { f.Capabilities = "IMAP4rev1 " + offers })
		of := settings(server)
		of.Password, of.Token = "", func(context.Context, campaign.Secret) (campaign.Secret, error) { return imaptest.Password, nil }
		client, err := imap.Dial(t.Context(), of)
		require.NoError(t, err, offers)
		client.Close()

		of.Token = func(context.Context, campaign.Secret) (campaign.Secret, error) { return "ya29.0ld", nil }
		_, err = imap.Dial(t.Context(), of)
		require.Equal(t, imap.LoginRefused, faultOf(t, err).Fault, offers)
		require.NotContains(t, err.Error(), "ya29.0ld")

		var asked []campaign.Secret
		of.Token = func(_ context.Context, rejected campaign.Secret) (campaign.Secret, error) {
			asked = append(asked, rejected)
			if rejected == "" {
				return "ya29.0ld", nil
			}
			return imaptest.Password, nil
		}
		client, err = imap.Dial(t.Context(), of)
		require.NoError(t, err, "a token that was taken back is replaced once")
		client.Close()
		require.Equal(t, []campaign.Secret{"", "ya29.0ld"}, asked)

		revoked := errors.New("invalid_grant")
		of.Token = func(context.Context, campaign.Secret) (campaign.Secret, error) { return "", revoked }
		_, err = imap.Dial(t.Context(), of)
		require.ErrorIs(t, err, revoked)
		require.Equal(t, imap.Unreachable, faultOf(t, err).Fault, "it may pass")
		of.Token = func(context.Context, campaign.Secret) (campaign.Secret, error) {
			return "", &bearer.Denied{Address: "maya@northwind.example", Provider: "google", Why: "no"}
		}
		_, err = imap.Dial(t.Context(), of)
		require.EqualError(t, faultOf(t, err), "no; connect it again: starter email-account connect maya@northwind.example --provider google")
		require.Equal(t, imap.Misconfigured, faultOf(t, err).Fault, "a person has to mend it")
		require.NotContains(t, server.Heard(), "LOGIN")
	}
	server := serve(t)
	of := settings(server)
	of.Token = func(context.Context, campaign.Secret) (campaign.Secret, error) { return imaptest.Password, nil }
	_, err := imap.Dial(t.Context(), of)
	require.ErrorContains(t, err, "offers no login with a token")
	require.Equal(t, imap.Misconfigured, faultOf(t, err).Fault)
}
