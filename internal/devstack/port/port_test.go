package port_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/port"
)

func TestCheckNamesTheFlagOfATakenPort(t *testing.T) {
	t.Parallel()
	listener, err := port.Listen(context.Background(), "--temporal-port", 0)
	require.NoError(t, err)
	defer listener.Close()
	taken := listener.Addr().(*net.TCPAddr).Port

	err = port.Check("--temporal-port", taken)

	var portTaken *port.Taken
	require.ErrorAs(t, err, &portTaken)
	require.Equal(t, taken, portTaken.Port)
	require.ErrorContains(t, err, "is taken (by another program?); choose another with --temporal-port")
}

func TestCheckAcceptsWhatIsFree(t *testing.T) {
	t.Parallel()
	free, err := port.Free()
	require.NoError(t, err)
	require.NoError(t, port.Check("--ui-port", free))
	require.NoError(t, port.Check("--ui-port", 0))
	require.ErrorContains(t, port.Check("--ui-port", 70000), "--ui-port takes a number")
}
