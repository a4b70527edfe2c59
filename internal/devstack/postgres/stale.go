package postgres

import (
	"context"
	"os"
	"strings"
	"time"
)

// removeStale removes the pid file of a server that is gone. PostgreSQL does
// this itself, except where its pid now belongs to another program (a restarted
// container) or is still a zombie's. Then the file has to go, but not before the
// last backend: two generations on the same data would ruin them.
func removeStale(ctx context.Context, pidFile, sharedMemory string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for attached(sharedMemory) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil // leave it: PostgreSQL refuses to start and says why
		}
	}
	return os.Remove(pidFile)
}

// attached tells whether processes still hold a segment, given as "key id" as
// the pid file has it. Without /proc it is false: macOS has an init that leaves
// no zombies, and pids there do not start again from one.
func attached(sharedMemory string) bool {
	wanted := strings.Fields(sharedMemory)
	if len(wanted) != 2 {
		return false
	}
	table, err := os.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		return false
	}
	for _, line := range strings.Split(string(table), "\n") {
		// Columns: key, id, permissions, size, creator, last, attached.
		columns := strings.Fields(line)
		if len(columns) > 6 && columns[1] == wanted[1] {
			return columns[6] != "0"
		}
	}
	return false
}
