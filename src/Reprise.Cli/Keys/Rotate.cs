using Grpc.Core;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Keys;

/// <summary><c>keys rotate</c>. The rotation is the service's own: leaving early does not stop it.</summary>
internal static class Rotate
{
    public static async Task<int> StartAsync(KeyServiceChannel channel, RotationView view, CancellationToken cancellationToken)
    {
        using var call = channel.Admin.Rotate(new RotateRequest(), cancellationToken: cancellationToken);
        var rotation = new Rotation();
        while (rotation.Epoch == 0 && await call.ResponseStream.MoveNext(cancellationToken))
            rotation.Apply(call.ResponseStream.Current);
        view.Started(rotation);
        return ExitCode.Done;
    }

    public static async Task<int> ToItsEndAsync(KeyServiceChannel channel, RotationView view, CancellationToken cancellationToken)
    {
        using var call = channel.Admin.Rotate(new RotateRequest(), cancellationToken: cancellationToken);
        var rotation = new Rotation();
        await view.WatchAsync(rotation, async changed =>
        {
            await foreach (var told in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                rotation.Apply(told);
                changed(told);
            }
        });

        if (rotation.Complete is null)
            throw new CliException("the key service ended the call before the rotation was done");
        if (rotation.Complete is false)
            throw new CliException($"epoch {rotation.Epoch} is active, but not acknowledged by {string.Join(", ", rotation.Laggards)}", ExitCode.Failed);
        return ExitCode.Done;
    }
}
