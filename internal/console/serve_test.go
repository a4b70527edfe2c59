package console

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/operator"
	"relance/internal/settings"
)

// stoppable is a console that is really served, and how to stop it.
type stoppable struct {
	address string
	stop    func()
	ended   chan error
}

func (b *bundle) serveReally(op *operator.Operator) stoppable {
	b.t.Helper()
	c, err := New(Options{Operator: op, Settings: settings.Console{SignIn: settings.SignInNone}, Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	require.NoError(b.t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b.t, err)
	ctx, stop := context.WithCancel(b.t.Context())
	s := stoppable{listener.Addr().String(), stop, make(chan error, 1)}
	go func() { s.ended <- c.Serve(ctx, listener) }()
	return s
}

func (s stoppable) dial(t *testing.T, send string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", s.address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	_, err = fmt.Fprint(connection, send)
	require.NoError(t, err)
	return connection
}

func TestAStopWaitsForNoConnection(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	s := b.serveReally(b.op)
	s.dial(t, "")                                                             // says nothing
	s.dial(t, "POST /plan/credits HTTP/1.1\r\nHost: localhost\r\nContent-Le") // goes on for ever
	s.dial(t, "POST /plan/credits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\ncre")
	kept := s.dial(t, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(kept), nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	s.stop()
	select {
	case err := <-s.ended:
		require.NoError(t, err)
	case <-time.After(time.Minute): // alone it is one and a half seconds
		t.Fatal("the console does not stop")
	}
}

func TestAStopWaitsForAFormThatIsCarriedOut(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.accountFailed(1, "535 5.7.8 no")
	begun, goOn := make(chan struct{}), make(chan struct{})
	op := operator.New(operator.Options{
		LookupEnv: b.op.LookupEnv, DialTemporal: b.op.DialTemporal,
		LogIn: func(ctx context.Context, _ campaign.EmailAccount) error {
			close(begun)
			select {
			case <-goOn:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	})
	t.Cleanup(op.Close)
	s := b.serveReally(op)
	action := "/accounts/" + mayas + "/reconnect"
	form := b.get("/").fill(action, "password", password)
	answered := make(chan int, 1)
	go func() {
		response, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).PostForm("http://"+s.address+action, form)
		if err != nil {
			answered <- 0
			return
		}
		_ = response.Body.Close()
		answered <- response.StatusCode
	}()
	<-begun
	s.dial(t, "") // a connection that a stop does not wait for
	s.stop()
	select {
	case <-s.ended:
		t.Fatal("the console stops in the middle of a change")
	case <-time.After(2 * graceTime):
	}
	close(goOn)
	require.NoError(t, <-s.ended)
	require.Equal(t, http.StatusSeeOther, <-answered, "who sent the form reads what has become of it")
	require.Equal(t, "connected", one[string](b, `SELECT status FROM email_accounts WHERE address = $1`, mayas))
}
