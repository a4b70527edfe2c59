package tokens

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

// code is what the consent in a page gives, for one use.
type code struct{ user, challenge, redirect string }

// device is a consent that is asked for on another device.
type device struct {
	userCode, user string
	denied         bool
	until          time.Time
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.overview)
	mux.HandleFunc("POST /switch", s.turnSwitch)
	mux.HandleFunc("GET /authorize", s.ask)
	mux.HandleFunc("POST /authorize", s.answer)
	mux.HandleFunc("GET /activate", s.askDevice)
	mux.HandleFunc("POST /activate", s.answerDevice)
	mux.HandleFunc("POST /device", s.withTrouble(s.startDevice))
	mux.HandleFunc("POST /token", s.withTrouble(s.token))
	return mux
}

// withTrouble is down or slow when it is switched so.
func (s *Server) withTrouble(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mutex.Lock()
		switches := s.switches
		s.mutex.Unlock()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(switches.Slow):
		}
		if switches.Down {
			http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
			return
		}
		if r.PostFormValue("client_id") != ClientID {
			refuse(w, http.StatusUnauthorized, "invalid_client", "The client is not known here.")
			return
		}
		handle(w, r)
	}
}

// token gives tokens for a code, a refresh token or a device (RFC 6749 §4.1.3 and §6, RFC 8628 §3.4).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		of, ok := s.codes[r.PostFormValue("code")]
		delete(s.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || of.redirect != r.PostFormValue("redirect_uri") || of.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
			refuse(w, http.StatusBadRequest, "invalid_grant", "The code is not good.")
			return
		}
		s.give(w, of.user, s.newRefresh(of.user))
	case "refresh_token":
		old := r.PostFormValue("refresh_token")
		user, ok := s.given.Refresh[old]
		if !ok {
			refuse(w, http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
			return
		}
		s.refreshes++
		refresh := ""
		if s.switches.Rotate != Keep {
			refresh = s.newRefresh(user)
		}
		if s.switches.Rotate == Once {
			delete(s.given.Refresh, old)
		}
		s.give(w, user, refresh)
	case "urn:ietf:params:oauth:grant-type:device_code":
		of := s.devices[r.PostFormValue("device_code")]
		switch {
		case of == nil || time.Now().After(of.until):
			refuse(w, http.StatusBadRequest, "expired_token", "The code has ended.")
		case of.denied:
			refuse(w, http.StatusBadRequest, "access_denied", "The person has said no.")
		case of.user == "":
			refuse(w, http.StatusBadRequest, "authorization_pending", "Nobody has answered yet.")
		default:
			delete(s.devices, r.PostFormValue("device_code"))
			s.give(w, of.user, s.newRefresh(of.user))
		}
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "")
	}
}

func (s *Server) give(w http.ResponseWriter, user, refresh string) {
	given := map[string]any{"access_token": s.newAccess(user), "token_type": "Bearer", "expires_in": int(s.options.Lifetime.Seconds())}
	if refresh != "" {
		given["refresh_token"] = refresh
	}
	answer(w, http.StatusOK, given)
}

// startDevice begins a consent on another device (RFC 8628 §3.1).
func (s *Server) startDevice(w http.ResponseWriter, _ *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	text := rand.Text()
	secret, of := rand.Text(), &device{userCode: text[:4] + "-" + text[4:8], until: time.Now().Add(15 * time.Minute)}
	s.devices[secret] = of
	answer(w, http.StatusOK, map[string]any{
		"device_code": secret, "user_code": of.userCode, "verification_uri": s.URL() + "/activate", "expires_in": 900, "interval": int(s.options.Interval.Seconds()),
	})
}

func refuse(w http.ResponseWriter, status int, code, description string) {
	answer(w, status, map[string]any{"error": code, "error_description": description})
}

func answer(w http.ResponseWriter, status int, of map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(of) // nobody may be there to read it
}
