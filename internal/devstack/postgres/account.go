package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// account is the system user that PostgreSQL runs as: the calling user, unless
// that is root, which PostgreSQL refuses.
type account struct {
	uid, gid uint32
	switched bool // another user than the calling one
}

// chooseAccount prefers the owner of existing data, so that a cluster that an
// ordinary user made goes on as theirs when root starts it.
func chooseAccount(dataDir string) (account, error) {
	own := account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	owner, exists := ownerOf(dataDir)
	if own.uid != 0 {
		if exists && owner.uid != own.uid {
			return own, fmt.Errorf("%s belongs to another user (uid %d): start as that user or as root, or choose another directory", dataDir, owner.uid)
		}
		return own, nil
	}
	if exists && owner.uid != 0 {
		return owner, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		if found, err := lookUp(name); err == nil {
			return found, nil
		}
	}
	return own, errors.New("PostgreSQL refuses to run as root, and this machine has no user `postgres` or `nobody`: start as an ordinary user")
}

func lookUp(name string) (account, error) {
	entry, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	// Signed on macOS, where nobody is -2.
	uid, uidErr := strconv.ParseInt(entry.Uid, 10, 64)
	gid, gidErr := strconv.ParseInt(entry.Gid, 10, 64)
	return account{uid: uint32(uid), gid: uint32(gid), switched: true}, errors.Join(uidErr, gidErr)
}

func ownerOf(path string) (account, bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return account{}, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, false
	}
	return account{uid: stat.Uid, gid: stat.Gid, switched: true}, true
}

// command prepares a program to run as this account, in a session of its own:
// Ctrl-C in the terminal is for the parent, which then shuts PostgreSQL down.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir // root's own directory may be closed to this account
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	// A PGPORT or PGOPTIONS meant for another server must not reach this one.
	cmd.Env = []string{"HOME=" + dir, "LC_MESSAGES=C"}
	for _, entry := range os.Environ() {
		for _, keep := range []string{"PATH=", "TMPDIR=", "LD_LIBRARY_PATH=", "DYLD_LIBRARY_PATH="} {
			if strings.HasPrefix(entry, keep) {
				cmd.Env = append(cmd.Env, entry)
			}
		}
	}
	return cmd
}

// give makes the account the owner of a path that the calling user created.
func (a account) give(path string) error {
	if !a.switched {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// canReach tries it: permissions, ACLs and mounts have more ways to say no
// than a look at the mode bits would find.
func (a account) canReach(ctx context.Context, dir string) bool {
	if !a.switched {
		return true
	}
	return a.command(ctx, "/", "/bin/sh", "-c", `cd -- "$1"`, "sh", dir).Run() == nil
}
