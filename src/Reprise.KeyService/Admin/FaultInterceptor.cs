using Grpc.Core;
using Grpc.Core.Interceptors;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Revocation;
using Reprise.KeyService.Rotation;

namespace Reprise.KeyService.Admin;

/// <summary>Turns what the parts of a key service throw into statuses that a caller can act upon.</summary>
internal sealed class FaultInterceptor : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception fault) when (StatusOf(fault, context) is { } status)
        {
            throw status;
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception fault) when (StatusOf(fault, context) is { } status)
        {
            throw status;
        }
    }

    private static RpcException? StatusOf(Exception fault, ServerCallContext context) => fault switch
    {
        NotLeadingException => AdminError.NotLeading(),
        LedgerStoreException => AdminError.Store(fault.Message),
        RotationRevokedException => AdminError.RotationRevoked(fault.Message),
        EpochDestroyedException gone => AdminError.AlreadyDestroyed(gone.Epoch),
        // Transitions of the ledger that its state does not allow.
        InvalidOperationException and not ObjectDisposedException => AdminError.Full(fault.Message),
        // Not the caller's doing.
        OperationCanceledException when !context.CancellationToken.IsCancellationRequested => AdminError.Stopping(),
        _ => null,
    };
}
