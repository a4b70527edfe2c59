package devstack

import (
	"context"
	"errors"
	"net/http"

	"relance/internal/devstack/port"
	"relance/internal/engine"
)

// PublicFlag is the command-line flag that the sentence about a taken port names.
const PublicFlag = "--public-port"

// listenPublic takes the port of the page to unsubscribe on, before the settings are read: the
// links in emails name it.
func (s *Stack) listenPublic(ctx context.Context, o Options) error {
	listener, err := port.Listen(ctx, PublicFlag, o.PublicPort)
	if err != nil {
		return err
	}
	s.onStop(func() { _ = listener.Close() }) // once more than needed, where it is served
	s.page, s.PublicURL = listener, "http://"+listener.Addr().String()
	s.env["RELANCE_PUBLIC_URL"], s.env["RELANCE_PUBLIC_ADDRESS"] = s.PublicURL, listener.Addr().String()
	return nil
}

// servePublic serves the page from there, as the production worker does.
func (s *Stack) servePublic(context.Context, Options) error {
	page := engine.PublicPage(s.Settings, s.servers.Store, s.logger)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := page.Serve(s.page); !errors.Is(err, http.ErrServerClosed) {
			s.logger.Error("the page to unsubscribe on has stopped", "error", err)
		}
	}()
	s.onStop(func() {
		_ = page.Close()
		<-served
	})
	return nil
}
