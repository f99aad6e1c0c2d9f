using Google.Rpc;
using Grpc.Core;
using RpcStatus = Google.Rpc.Status;

namespace Reprise.KeyService.Admin;

/// <summary>What an operator's call is answered with that cannot be carried out: a gRPC status with a google.rpc.ErrorInfo.</summary>
internal static class AdminError
{
    private const string Domain = "reprise";

    public static RpcException Invalid(string message) => Make(Code.InvalidArgument, "INVALID", message);

    public static RpcException KeyReused() => Make(Code.InvalidArgument, "IDEMPOTENCY_KEY_REUSED", "this idempotency_key was used for something else");

    public static RpcException NotFound(string message) => Make(Code.NotFound, "NOT_FOUND", message);

    public static RpcException RotationRunning(string by) => Make(Code.Aborted, "ROTATION_RUNNING", $"a rotation for {by} is running");

    public static RpcException RotationRevoked(string message) => Make(Code.Aborted, "ROTATION_REVOKED", message);

    public static RpcException TooSoon(TimeSpan left, TimeSpan spacing) =>
        Make(Code.FailedPrecondition, "TOO_SOON", $"the last rotation is too fresh: try again in {Math.Max(1, left.TotalMilliseconds):F0} ms (Rotation:MinimumSpacing is {spacing})");

    public static RpcException AlreadyDestroyed(long epoch) => Make(Code.FailedPrecondition, "DESTROYED", $"epoch {epoch} is destroyed already");

    public static RpcException Full(string message) => Make(Code.ResourceExhausted, "FULL", message);

    public static RpcException NotLeading() => Make(Code.Unavailable, "NOT_LEADING", "no key service leads at the moment; try again");

    public static RpcException LeaderUnreachable(string leader, string from) =>
        Make(Code.Unavailable, "LEADER_UNREACHABLE", $"the key service {leader}, which leads, cannot be reached from {from}; try again");

    public static RpcException Store(string message) => Make(Code.Unavailable, "STORE", message);

    public static RpcException Stopping() => Make(Code.Unavailable, "STOPPING", "the key service stops; what was begun may not be finished");

    private static RpcException Make(Code code, string reason, string message) => new RpcStatus
    {
        Code = (int)code,
        Message = message,
        Details = { Google.Protobuf.WellKnownTypes.Any.Pack(new ErrorInfo { Domain = Domain, Reason = reason }) },
    }.ToRpcException();
}
