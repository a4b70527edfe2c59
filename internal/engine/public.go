package engine

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/unsubscribe"
)

// PublicPage is the server of the page on which recipients unsubscribe; nil where the settings
// name no address for it. The caller listens.
func PublicPage(configured settings.Settings, s *store.Store, log *slog.Logger) *http.Server {
	if configured.PublicAddress == "" {
		return nil
	}
	failed := func(err error) {
		log.Error("an unsubscription could not be kept; the page asks to try again", "error", err)
	}
	return &http.Server{
		Addr: configured.PublicAddress, Handler: unsubscribe.Handler(configured.Links(), register{s}, failed),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
}

// register is the page's over PostgreSQL.
type register struct{ *store.Store }

func (r register) Unsubscribe(ctx context.Context, enrollmentID int64) error {
	err := r.Store.Unsubscribe(ctx, enrollmentID)
	if errors.Is(err, store.ErrNotFound) {
		return unsubscribe.ErrUnknown
	}
	return err
}
