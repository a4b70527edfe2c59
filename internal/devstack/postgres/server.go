package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"relance/internal/devstack/port"
)

// Options say where the server lives. Only Dir is needed.
type Options struct {
	Dir        string    // the state directory; made when missing
	Port       int       // 0 = any free one
	User       string    // "relance" when empty
	Password   string    // kept in <Dir>/password; random when empty
	Database   string    // created at start; "relance" when empty
	Log        io.Writer // what Start does, a line each; may be nil
	FastUnsafe bool      // for tests: a machine crash loses the data
}

// Server is a running PostgreSQL on 127.0.0.1.
type Server struct {
	options    Options
	home       string
	who        account
	lock       *os.File
	postmaster *postmaster
	stopping   sync.Once
	stopErr    error
}

// Start brings the server of o.Dir up, making the cluster when there is none.
// It returns *port.Taken when o.Port is in use by somebody else, and one
// sentence that says what to install when no PostgreSQL can be had.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	if o, err = complete(o); err != nil {
		return nil, err
	}
	s := &Server{options: o}
	if s.lock, err = lock(o.Dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			if s.postmaster != nil {
				err = errors.Join(err, s.postmaster.stop(context.WithoutCancel(ctx)))
			}
			_ = unlock(s.lock)
		}
	}()
	if s.options.Password, err = settlePassword(o.Dir, o.Password); err != nil {
		return nil, err
	}
	if s.home, s.who, err = locate(ctx, o.Dir); err != nil {
		return nil, err
	}
	if err := s.adoptOrStop(ctx); err != nil {
		return nil, err
	}
	if s.postmaster == nil {
		if err := s.startAnew(ctx); err != nil {
			return nil, err
		}
	}
	return s, s.CreateDatabase(ctx, o.Database)
}

func complete(o Options) (Options, error) {
	if o.Dir == "" {
		return o, errors.New("PostgreSQL needs a directory")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return o, err
	}
	// One name for the directory: processes and data are recognised by it.
	if o.Dir, err = filepath.EvalSymlinks(dir); err != nil {
		return o, err
	}
	if o.User == "" {
		o.User = "relance"
	}
	if o.Database == "" {
		o.Database = "relance"
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	return o, nil
}

// adoptOrStop deals with a server that outlived its parent: it is taken over
// when it answers on the port that is wanted, and shut down otherwise.
func (s *Server) adoptOrStop(ctx context.Context) error {
	orphan, err := running(ctx, filepath.Join(s.home, dataName))
	if err != nil || orphan == nil {
		return err
	}
	wanted := s.options.Port == 0 || s.options.Port == orphan.port
	if wanted && orphan.port != 0 && s.answers(ctx, orphan.port) == nil {
		s.log("PostgreSQL of an earlier run is still up on port %d: going on with it", orphan.port)
		s.postmaster = orphan
		return nil
	}
	s.log("PostgreSQL of an earlier run is still up: stopping it")
	return orphan.stop(ctx)
}

func (s *Server) startAnew(ctx context.Context) error {
	major, err := majorOf(s.home)
	if err != nil {
		return err
	}
	programs, err := find(ctx, s.who, s.home, major)
	if err != nil {
		return err
	}
	if err := port.Check(Flag, s.options.Port); err != nil {
		return err // before the seconds that initdb takes
	}
	if major == 0 {
		s.log("making a PostgreSQL %d cluster in %s", programs.major, s.home)
		if err := create(ctx, programs, s.who, s.home, s.options); err != nil {
			return err
		}
	}
	return s.launch(ctx, programs, s.options.Port)
}

// Port is the port that the server listens on.
func (s *Server) Port() int { return s.postmaster.port }

// Addr is host:port.
func (s *Server) Addr() string { return port.Addr(s.Port()) }

// URL is the connection string of a database of this server, the one of the
// options when the name is empty.
func (s *Server) URL(database string) string {
	if database == "" {
		database = s.options.Database
	}
	return s.url(s.Port(), database)
}

func (s *Server) url(number int, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(s.options.User, s.options.Password),
		Host: port.Addr(number), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// CreateDatabase makes a database, and does nothing when it is there.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == "42P04" || refused.Code == "23505") {
		return nil // duplicate_database; unique_violation when two create it in the same moment
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// Stop shuts the server down and waits for its end. It may be called twice.
func (s *Server) Stop(ctx context.Context) error {
	s.stopping.Do(func() {
		s.stopErr = errors.Join(s.postmaster.stop(ctx), unlock(s.lock))
	})
	return s.stopErr
}

// answers proves that our own server is behind a port: it takes our password
// and works on our data.
func (s *Server) answers(ctx context.Context, number int) error {
	conn, err := pgx.Connect(ctx, s.url(number, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var dir string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&dir); err != nil {
		return err
	}
	if dir != filepath.Join(s.home, dataName) {
		return fmt.Errorf("another PostgreSQL answers on port %d", number)
	}
	return nil
}

func wrongPassword(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && strings.HasPrefix(refused.Code, "28")
}

func (s *Server) log(format string, args ...any) {
	fmt.Fprintf(s.options.Log, format+"\n", args...)
}
