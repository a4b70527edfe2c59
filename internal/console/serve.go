package console

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// How long things may take. A login at a mail server is the longest. A page gets pageTime,
// also to be shown after a form: a database that is there and does not answer keeps nobody
// waiting for more. At a stop, forms that are being carried out finish, and everything else
// gets graceTime.
const (
	changeTime = time.Minute
	pageTime   = 20 * time.Second
	graceTime  = time.Second
)

// Serve serves the console until ctx ends; then it lets the forms that are under way finish.
func (c *Console) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: c.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: changeTime + pageTime + 15*time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(c.live.close) // Shutdown waits for what is open, and a stream does not end by itself
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stopped <- c.stop(context.WithoutCancel(ctx), server)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// stop cuts what would go on for long, a page that watches or a connection on which
// nothing comes, but no change in the middle.
func (c *Console) stop(ctx context.Context, server *http.Server) error {
	gently := func(patience time.Duration) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return server.Shutdown(ctx)
	}
	if gently(graceTime) == nil {
		return nil
	}
	c.changing.Lock() // no other begins; each ends within changeTime
	defer c.changing.Unlock()
	if gently(graceTime/2) == nil { // their answers reach the browsers
		return nil
	}
	return server.Close()
}
