using Grpc.Core;
using Grpc.Core.Interceptors;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Identity;

/// <summary>Holds each call against <see cref="AllowedRoles"/>. The chain was verified in the handshake; this reads the role.</summary>
internal sealed partial class RoleInterceptor(EpochKeeper epochs, AuditTrail audit, KeyServiceMetrics metrics, ILogger<RoleInterceptor> logger) : Interceptor
{
    /// <summary>Metadata of a call that a key service passes on: the identity of the administrator who made it, as <c>admin/NAME</c>.</summary>
    public const string OnBehalfOf = "reprise-on-behalf-of";

    private static readonly object s_identity = new();
    private static readonly object s_passedOn = new();
    private static readonly object s_serial = new();

    /// <summary>Who makes this call. Only to be asked inside an authorized call.</summary>
    public static KeyIdentity Caller(ServerCallContext context) => (KeyIdentity)context.UserState[s_identity];

    /// <summary>Serial number of the certificate that makes this call, in hexadecimal. Only to be asked inside an authorized call.</summary>
    public static string Serial(ServerCallContext context) => (string)context.UserState[s_serial];

    /// <summary>Whether another key service has passed this call on. Only to be asked inside an authorized call.</summary>
    public static bool IsPassedOn(ServerCallContext context) => context.UserState.ContainsKey(s_passedOn);

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(request, responseStream, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(requestStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Authorize(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        if (http.Connection.ClientCertificate is not { } certificate || !KeyIdentity.TryRead(certificate, out var caller, out _))
            throw new RpcException(new Status(StatusCode.Unauthenticated, "a client certificate with a role is needed"));
        if (epochs.Current.IsRemoved(certificate.SerialNumber))
        {
            Deny(caller, "removed", context, "its certificate is refused");
            throw new RpcException(new Status(StatusCode.PermissionDenied, $"{caller} was removed"));
        }

        var allowed = http.GetEndpoint()?.Metadata.GetMetadata<AllowedRoles>();
        if (caller.Role is KeyRole.KeyService && allowed is not null && !allowed.Roles.Contains(KeyRole.KeyService) && PassedOnFor(context) is { } original)
        {
            context.UserState[s_passedOn] = caller;
            caller = original;
        }

        if (allowed is null || !allowed.Roles.Contains(caller.Role))
        {
            Deny(caller, "role", context, "its role does not allow that");
            throw new RpcException(new Status(StatusCode.PermissionDenied, $"{caller} may not call {context.Method}"));
        }

        context.UserState[s_identity] = caller;
        context.UserState[s_serial] = certificate.SerialNumber;
    }

    // A key service is believed when it says that an administrator asks: it has checked that one's certificate as this one would. It is not
    // believed to speak for anybody else.
    private static KeyIdentity? PassedOnFor(ServerCallContext context) =>
        context.RequestHeaders.GetValue(OnBehalfOf) is { } name && KeyIdentity.TryParse($"spiffe://reprise/{name}", out var original) && original.Role is KeyRole.Admin
            ? original
            : null;

    private void Deny(KeyIdentity caller, string reason, ServerCallContext context, string detail)
    {
        metrics.Refused(reason);
        Log.Denied(logger, caller, context.Method);
        audit.RecordRefusal(caller.ToString(), context.Method, detail);
    }

    // Event ids 4020-4029.
    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Warning, "{Caller} was refused {Method}")]
        public static partial void Denied(ILogger logger, KeyIdentity caller, string method);
    }
}
