using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Admin;
using Reprise.KeyService.Dashboard.SignIn;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Identity;

namespace Reprise.KeyService.Dashboard.Actions;

/// <summary>
/// Makes an operator's call as one key service makes it of another on an administrator's behalf: of the one that leads, this one perhaps,
/// by gRPC. So the page does what the command line does, by the same ways, with the same checks and into the same audit.
/// </summary>
internal sealed partial class LeaderCalls(
    ILedgerStore store, ListenerAddresses addresses, IOptions<KeyServiceOptions> options, IHostApplicationLifetime lifetime, ILogger<LeaderCalls> logger)
{
    private const string IdempotencyKey = "Idempotency-Key";

    /// <summary>What the caller has named its request by, so that it is carried out once; else a name of its own.</summary>
    public static string KeyOf(HttpContext context) => context.Request.Headers[IdempotencyKey] is [{ Length: > 0 } key] ? key : Guid.NewGuid().ToString("N");

    /// <param name="context">Whose request it is: the call ends with it. What was begun goes on.</param>
    /// <param name="call">Makes the call and reads all of it.</param>
    /// <exception cref="RpcException">It was refused, or failed.</exception>
    public async Task CallAsync(HttpContext context, Func<KeyServiceChannel, CallOptions, Task> call)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var headers = new Metadata { { RoleInterceptor.OnBehalfOf, Operator.NameOf(context.User) } };
        var leader = store.Leads || store.Leader is not { Address: not null } other || other.Name == options.Value.Name ? null : store.Leader;
        try
        {
            using var channel = KeyServiceChannel.Create(
                [leader?.Address ?? Own(addresses[Listener.Grpc]!)], options.Value.Authority, options.Value.Certificate, options.Value.Key);
            await call(channel, new CallOptions(headers, cancellationToken: ending.Token));
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.Cancelled && ending.IsCancellationRequested)
        {
            throw lifetime.ApplicationStopping.IsCancellationRequested ? AdminError.Stopping() : new OperationCanceledException(fault.Message, fault, ending.Token);
        }
        catch (RpcException fault) when (fault.Status.DebugException is { } broken)
        {
            Log.Unreachable(logger, leader?.Name ?? options.Value.Name, broken.GetBaseException().Message.ReplaceLineEndings(" "));
            throw leader is null ? AdminError.Stopping() : AdminError.LeaderUnreachable(leader.Name, options.Value.Name);
        }
        catch (PeerCredentialsException fault)
        {
            throw AdminError.Store(fault.Message);
        }
    }

    // Where nothing leads, this key service says so itself.
    private static string Own(IPEndPoint bound) => (bound.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, bound.Port)
        : bound.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, bound.Port)
        : bound).ToString();

    // Event ids 4320-4329.
    private static partial class Log
    {
        [LoggerMessage(4320, LogLevel.Warning, "What the dashboard was asked could not be asked of {Leader}: {Reason}")]
        public static partial void Unreachable(ILogger logger, string leader, string reason);
    }
}
