package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"relance/internal/devstack/port"
)

// Flag is the command-line flag that the sentence about a taken port names.
const Flag = "--postgres-port"

// logName is the server's log inside home. It is a file, not a pipe, because
// the server may outlive the process that would read the pipe.
const logName = "postgres.log"

// launch starts the server and waits until it answers. A port that was free a
// moment ago may be lost to another program, and the backends of a postmaster
// that was killed take a moment to leave: both are tried again.
func (s *Server) launch(ctx context.Context, programs binaries, want int) error {
	deadline := time.Now().Add(15 * time.Second)
	for {
		number := want
		if number == 0 {
			var err error
			if number, err = port.Free(); err != nil {
				return err
			}
		} else if err := port.Check(Flag, number); err != nil {
			return err
		}
		said, err := s.try(ctx, programs, number)
		if err == nil {
			return nil
		}
		lostPort := strings.Contains(said, "could not bind") || strings.Contains(said, "Address already in use")
		stillLeaving := strings.Contains(said, "is still in use")
		if ctx.Err() != nil || time.Now().After(deadline) || !(lostPort && want == 0 || stillLeaving) {
			return err
		}
		select {
		case <-time.After(tick):
		case <-ctx.Done():
			return err
		}
	}
}

// try returns what the server wrote when it did not come up.
func (s *Server) try(ctx context.Context, programs binaries, number int) (said string, err error) {
	logFile, before, err := openLog(filepath.Join(s.home, logName))
	if err != nil {
		return "", err
	}
	defer logFile.Close()
	// The child must survive ctx: that belongs to Start, not to the server.
	cmd := s.who.command(context.WithoutCancel(ctx), s.home, programs.path("postgres"), s.arguments(number)...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the log says why, the channel says that
		close(exited)
	}()
	child := &postmaster{pid: cmd.Process.Pid, port: number, exited: exited}
	if err := s.await(ctx, child); err != nil {
		_ = child.stop(ctx)
		text, _ := os.ReadFile(logFile.Name())
		said = string(text[min(before, len(text)):])
		return said, fmt.Errorf("PostgreSQL did not start: %w: %s (more in %s)", err, lastLines(said), logFile.Name())
	}
	s.postmaster = child
	return "", nil
}

// arguments hold every setting, so the cluster's own files stay as made and a
// setting that changes here reaches old clusters too.
func (s *Server) arguments(number int) []string {
	settings := []string{
		"listen_addresses=" + port.Host,
		"port=" + strconv.Itoa(number),
		"unix_socket_directories=", // paths have a length limit, and nobody needs one
		"max_connections=300",
		"shared_buffers=128MB",
		"max_wal_size=1GB",
		"jit=off",
		"timezone=UTC",
		"log_timezone=UTC",
		"password_encryption=scram-sha-256",
		"logging_collector=off",
		"log_destination=stderr",
	}
	if s.options.FastUnsafe { // also for many at once: the last of a setting counts
		settings = append(settings, "max_connections=600", "fsync=off", "full_page_writes=off", "synchronous_commit=off")
	}
	arguments := []string{"-D", filepath.Join(s.home, dataName)}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	return arguments
}

// await returns when the server answers a query, ends, or ctx is over.
func (s *Server) await(ctx context.Context, child *postmaster) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		err := s.answers(ctx, child.port)
		if err == nil {
			return nil
		}
		if wrongPassword(err) {
			return err
		}
		select {
		case <-ticker.C:
		case <-child.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("%w (last answer: %w)", ctx.Err(), err)
		}
	}
}

// openLog appends, and begins anew when the file has become large.
func openLog(name string) (file *os.File, size int, err error) {
	const large = 10 << 20
	if info, err := os.Stat(name); err == nil && info.Size() > large {
		_ = os.Truncate(name, 0)
	}
	file, err = os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, int(info.Size()), nil
}
