using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Admin;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Identity;

namespace Reprise.KeyService.Replicas;

/// <summary>
/// Passes a call that changes something on to the key service that leads, message by message, so that the caller need not know which one that
/// is. A call that was passed on is not passed on again: it is refused where nothing leads.
/// </summary>
internal sealed partial class LeaderInterceptor(
    ILedgerStore store, IOptions<KeyServiceOptions> options, IHostApplicationLifetime lifetime, ILogger<LeaderInterceptor> logger) : Interceptor
{
    private static readonly HashSet<string> s_changing =
    [
        .. new[] { nameof(KeyAdmin.KeyAdminClient.Rotate), nameof(KeyAdmin.KeyAdminClient.Revoke), nameof(KeyAdmin.KeyAdminClient.RemoveNode),
            nameof(KeyAdmin.KeyAdminClient.SetResumption), nameof(KeyAdmin.KeyAdminClient.PurgeSessions) }.Select(method => $"/{KeyAdmin.Descriptor.FullName}/{method}"),
    ];

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (LeaderFor(context) is not { } leader)
            return await continuation(request, context);
        return await PassOnAsync(leader, context, async (invoker, call) =>
            await invoker.AsyncUnaryCall(MethodOf<TRequest, TResponse>(context, MethodType.Unary), null, call, request));
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        if (LeaderFor(context) is not { } leader)
        {
            await continuation(request, responseStream, context);
            return;
        }

        await PassOnAsync(leader, context, async (invoker, call) =>
        {
            using var streaming = invoker.AsyncServerStreamingCall(MethodOf<TRequest, TResponse>(context, MethodType.ServerStreaming), null, call, request);
            await foreach (var message in streaming.ResponseStream.ReadAllAsync(call.CancellationToken))
                await responseStream.WriteAsync(message, call.CancellationToken);
            return true;
        });
    }

    // Null: it is carried out here, or refused here.
    private Leader? LeaderFor(ServerCallContext context) =>
        s_changing.Contains(context.Method) && !store.Leads && !RoleInterceptor.IsPassedOn(context)
        && store.Leader is { Address: not null } leader && leader.Name != options.Value.Name
            ? leader
            : null;

    private async Task<T> PassOnAsync<T>(Leader leader, ServerCallContext context, Func<CallInvoker, CallOptions, Task<T>> call)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var headers = new Metadata { { RoleInterceptor.OnBehalfOf, RoleInterceptor.Caller(context).ToString() } };
        try
        {
            // One for each call: these are few, and so the certificate is that of now.
            using var channel = KeyServiceChannel.Create([leader.Address!], options.Value.Authority, options.Value.Certificate, options.Value.Key);
            return await call(channel.Invoker, new CallOptions(headers, context.Deadline == DateTime.MaxValue ? null : context.Deadline, ending.Token));
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.Cancelled && ending.IsCancellationRequested)
        {
            throw new OperationCanceledException(fault.Message, fault, ending.Token);
        }
        catch (RpcException fault)
        {
            // Where the connection failed, the leader has not answered: it is gone, or going.
            if (fault.Status.DebugException is null)
                throw new RpcException(new Status(fault.StatusCode, fault.Status.Detail), DetailOf(fault));
            Log.Unreachable(logger, leader.Name, leader.Address!, fault.Status.DebugException.GetBaseException().Message.ReplaceLineEndings(" "));
            throw AdminError.LeaderUnreachable(leader.Name, options.Value.Name);
        }
        catch (Exception fault) when (fault is PeerCredentialsException or ArgumentException)
        {
            throw new LedgerStoreException($"the key service {leader.Name}, which leads, cannot be asked: {fault.Message}", fault);
        }
    }

    // What the call ended with besides its status; the rest is between the two key services.
    private static Metadata DetailOf(RpcException fault)
    {
        var detail = new Metadata();
        foreach (var entry in fault.Trailers.Where(entry => entry.Key is "grpc-status-details-bin"))
            detail.Add(entry);
        return detail;
    }

    private static Method<TRequest, TResponse> MethodOf<TRequest, TResponse>(ServerCallContext context, MethodType type)
        where TRequest : class
        where TResponse : class
    {
        var method = context.Method.LastIndexOf('/');
        return new(type, context.Method[1..method], context.Method[(method + 1)..], MarshallerOf<TRequest>(), MarshallerOf<TResponse>());
    }

    private static Marshaller<T> MarshallerOf<T>()
        where T : class
    {
        // Each message type knows how to parse itself.
        var parser = ((IMessage)Activator.CreateInstance<T>()).Descriptor.Parser;
        return Marshallers.Create(message => ((IMessage)message).ToByteArray(), bytes => (T)parser.ParseFrom(bytes));
    }

    // Event ids 4130-4139.
    private static partial class Log
    {
        [LoggerMessage(4130, LogLevel.Warning, "A call for the leader {Leader} could not be passed on to {Address}: {Reason}. Is that its KeyService:Advertise?")]
        public static partial void Unreachable(ILogger logger, string leader, string address, string reason);
    }
}
