using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Orders;

namespace Reprise.KeyService.Rotation;

/// <summary>A rotation under way, or ended.</summary>
internal sealed record RotationProgress(Order Order)
{
    /// <summary><c>Done</c> is the last.</summary>
    public Steps<RotateResponse> Steps { get; } = new();
}
