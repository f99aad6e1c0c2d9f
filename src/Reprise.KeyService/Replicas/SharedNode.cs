using Google.Protobuf;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Replicas;

/// <summary>A node as another key service knows it.</summary>
/// <param name="Status">All but the acknowledgements.</param>
/// <param name="Acknowledged">The last generation it acknowledged there.</param>
/// <param name="Instance">The process that says so.</param>
internal sealed record SharedNode(NodeStatus Status, long Acknowledged, ByteString Instance);
