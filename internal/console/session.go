package console

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// sessionCookie has the token of a session. PostgreSQL has its hash.
const sessionCookie = "relance_session"

// account is who has signed in with a provider: all that is kept of it.
type account struct {
	// Email is the verified address, in lower case: the name that timelines keep.
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
	// Groups are those that mean something to this console.
	Groups []string `json:"groups,omitempty"`
}

const accountKey = "account"

// newSessions keeps sessions in PostgreSQL. A session begins when somebody has signed
// in and never before, so there is none that an attacker could have begun. What is idle
// is the store's to say, and not scs's, which would write a session back with each
// request, and so bring back one that another tab has just ended.
func newSessions(c *Console) *scs.SessionManager {
	return &scs.SessionManager{Store: sessionStore{c}, Codec: sessionCodec{}, Lifetime: c.Settings.Session, HashTokenInStore: true}
}

// inSession is the request's context with its session. It is not handed on with the
// request: scs would take the session in it for what PostgreSQL has, and no sign-out
// would be seen any more.
func (c *Console) inSession(r *http.Request) (context.Context, error) {
	var token string
	if cookie, err := r.Cookie(c.cookieName(sessionCookie)); err == nil {
		token = cookie.Value
	}
	return c.sessions.Load(r.Context(), token)
}

// beginSession signs somebody in under a new token. A session that the browser had
// before ends, also if it was another person's.
func (c *Console) beginSession(w http.ResponseWriter, r *http.Request, of account) error {
	ctx, err := c.inSession(r)
	if err != nil {
		return err
	}
	if err := c.sessions.RenewToken(ctx); err != nil {
		return err
	}
	c.sessions.Put(ctx, accountKey, of)
	c.sessions.SetDeadline(ctx, c.Now().Add(c.Settings.Session))
	token, _, err := c.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	// Lax: who comes back from the provider, or follows a link in a mail, is signed in.
	http.SetCookie(w, c.newCookie(sessionCookie, token, 0, http.SameSiteLaxMode))
	return nil
}

// endSession signs out, for good: the token is worth nothing any more.
func (c *Console) endSession(w http.ResponseWriter, r *http.Request) error {
	ctx, err := c.inSession(r)
	if err != nil {
		return err
	}
	if err := c.sessions.Destroy(ctx); err != nil {
		return err
	}
	http.SetCookie(w, c.newCookie(sessionCookie, "", -1, http.SameSiteLaxMode))
	return nil
}

// sessionStore is where scs keeps sessions, under the hashes of their tokens. The time
// is the console's.
type sessionStore struct{ c *Console }

// unused marks a context whose request is no use of the session: a page that watches by
// itself does not keep anybody signed in.
type unused struct{}

func (s sessionStore) FindCtx(ctx context.Context, hash string) ([]byte, bool, error) {
	data, found, err := s.c.Operator.ConsoleSession(ctx, hash, s.c.Now(), s.c.Settings.Idle)
	if found && ctx.Value(unused{}) == nil {
		err = s.c.Operator.SeeConsoleSession(ctx, hash, s.c.Now())
	}
	return data, found, err
}

func (s sessionStore) CommitCtx(ctx context.Context, hash string, data []byte, expires time.Time) error {
	return s.c.Operator.AddConsoleSession(ctx, hash, data, expires, s.c.Now(), s.c.Settings.Idle)
}

func (s sessionStore) DeleteCtx(ctx context.Context, hash string) error {
	return s.c.Operator.EndConsoleSession(ctx, hash)
}

// What follows is for callers without a context, of which there are none.

func (s sessionStore) Find(hash string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), hash)
}

func (s sessionStore) Commit(hash string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), hash, data, expires)
}

func (s sessionStore) Delete(hash string) error { return s.DeleteCtx(context.Background(), hash) }

// sessionCodec writes a session as JSON, which the next release can read, and a person.
type sessionCodec struct{}

type sessionData struct {
	Deadline time.Time `json:"deadline"`
	Account  account   `json:"account"`
}

func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	of, _ := values[accountKey].(account)
	return json.Marshal(sessionData{deadline, of})
}

func (sessionCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	var read sessionData
	if err := json.Unmarshal(data, &read); err != nil {
		return time.Time{}, nil, err
	}
	return read.Deadline, map[string]any{accountKey: read.Account}, nil
}
