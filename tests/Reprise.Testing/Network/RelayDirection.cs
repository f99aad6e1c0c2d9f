namespace Reprise.Testing;

public enum RelayDirection
{
    ToTarget,
    ToClient,
}
