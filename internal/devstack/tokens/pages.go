package tokens

import (
	"crypto/rand"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

var pages = template.Must(template.New("").Parse(`
{{define "top"}}<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Dev stack: consent</title>
<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}input,button{font:inherit;padding:.3rem .6rem}form{margin:1rem 0}</style>{{end}}
{{define "ask"}}{{template "top"}}<h1>May Relance use a mailbox?</h1><p>It asks to send and to read mail of the mailbox below. This is the dev stack: any address will do.</p>
<form method="post" action="/authorize?{{.Query}}"><label>Mailbox <input name="user" value="{{.User}}" required></label> <button name="say" value="yes">Allow</button> <button name="say" value="no">Refuse</button></form>{{end}}
{{define "device"}}{{template "top"}}<h1>Type the code of the other device</h1>{{with .Problem}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/activate"><label>Code <input name="code" required autocomplete="off"></label> <label>Mailbox <input name="user" required></label> <button name="say" value="yes">Allow</button> <button name="say" value="no">Refuse</button></form>{{end}}
{{define "done"}}{{template "top"}}<h1>Done</h1><p>This page can be closed.</p>{{end}}
{{define "overview"}}{{template "top"}}<h1>Token server of the dev stack</h1><p>It has given {{.Refreshes}} access tokens for refresh tokens.</p>
{{range .Users}}<form method="post" action="/switch"><input type="hidden" name="user" value="{{.}}">{{.}} has consented. <button name="do" value="revoke">Take it back</button> <button name="do" value="expire">End its access tokens</button></form>{{else}}<p>Nobody has consented yet.</p>{{end}}
<form method="post" action="/switch">It is {{if .Down}}down. <button name="do" value="up">Bring it up</button>{{else}}up. <button name="do" value="down">Take it down</button>{{end}}</form>
<form method="post" action="/switch">It answers {{if .Slow}}after {{.Slow}}. <button name="do" value="quick">Answer at once</button>{{else}}at once. <button name="do" value="slow">Answer after ten seconds</button>{{end}}</form>
<form method="post" action="/switch">A refresh token that was used: {{.Rotate}}. <button name="do" value="keep">Keep it</button> <button name="do" value="replace">Replace it</button> <button name="do" value="once">Replace it, and end the old one</button></form>{{end}}`))

func show(w http.ResponseWriter, page string, of any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pages.ExecuteTemplate(w, page, of) // nobody may be there to read it
}

func (s *Server) overview(w http.ResponseWriter, _ *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var users []string
	for _, user := range s.given.Refresh {
		users = append(users, user)
	}
	slices.Sort(users)
	show(w, "overview", struct {
		Switches
		Users     []string
		Refreshes int
	}{s.switches, slices.Compact(users), s.refreshes})
}

func (s *Server) turnSwitch(w http.ResponseWriter, r *http.Request) {
	user := r.PostFormValue("user")
	s.mutex.Lock()
	to := s.switches
	s.mutex.Unlock()
	switch do := r.PostFormValue("do"); do {
	case "revoke":
		s.Revoke(user)
	case "expire":
		s.Expire(user)
	case "up", "down":
		to.Down = do == "down"
	case "slow":
		to.Slow = 10 * time.Second
	case "quick":
		to.Slow = 0
	case string(Keep), string(Replace), string(Once):
		to.Rotate = Rotation(do)
	}
	s.Switch(to)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// asked is the address to which the answer goes; ok is false for a question that is none.
func asked(query url.Values) (back *url.URL, ok bool) {
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || back.Scheme != "http" || back.Hostname() != "127.0.0.1" && back.Hostname() != "localhost" {
		return nil, false // an answer that leaves this machine is given to nobody
	}
	return back, query.Get("client_id") == ClientID && query.Get("response_type") == "code" &&
		query.Get("code_challenge_method") == "S256" && query.Get("code_challenge") != "" && query.Get("state") != ""
}

// ask shows the page of consent (RFC 6749 §4.1.1, RFC 7636 §4.3).
func (s *Server) ask(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if _, ok := asked(query); !ok {
		http.Error(w, "This question cannot be answered.", http.StatusBadRequest)
		return
	}
	show(w, "ask", struct{ Query, User string }{query.Encode(), query.Get("login_hint")})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	back, ok := asked(query)
	if !ok {
		http.Error(w, "This question cannot be answered.", http.StatusBadRequest)
		return
	}
	say := url.Values{"state": {query.Get("state")}}
	if r.PostFormValue("say") == "yes" && r.PostFormValue("user") != "" {
		secret := rand.Text()
		s.mutex.Lock()
		s.codes[secret] = code{r.PostFormValue("user"), query.Get("code_challenge"), query.Get("redirect_uri")}
		s.mutex.Unlock()
		say.Set("code", secret)
	} else {
		say.Set("error", "access_denied")
	}
	back.RawQuery = say.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

func (s *Server) askDevice(w http.ResponseWriter, _ *http.Request) {
	show(w, "device", struct{ Problem string }{})
}

func (s *Server) answerDevice(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, of := range s.devices {
		if strings.EqualFold(of.userCode, strings.TrimSpace(r.PostFormValue("code"))) && time.Now().Before(of.until) {
			of.user, of.denied = r.PostFormValue("user"), r.PostFormValue("say") != "yes"
			show(w, "done", nil)
			return
		}
	}
	show(w, "device", struct{ Problem string }{"There is no such code."})
}
