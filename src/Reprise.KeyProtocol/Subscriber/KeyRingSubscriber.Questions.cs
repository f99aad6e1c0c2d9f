using System.Threading.Channels;

namespace Reprise.KeyProtocol;

// What operators ask this node, through the key service that its stream is with.
public sealed partial class KeyRingSubscriber
{
    // A key service asks ten times a second at most. One that asks more gets no answer.
    private const int MostQuestions = 8;

    private static readonly TimeSpan s_questionBudget = TimeSpan.FromSeconds(2);

    private int _questions;

    private void Answer(V1.SessionQuestion question, ChannelWriter<V1.SubscribeRequest> outgoing, CancellationToken cancel)
    {
        if (_explainer is not { } explainer || question.Offer is null)
            return;
        if (Interlocked.Increment(ref _questions) > MostQuestions)
            Interlocked.Decrement(ref _questions);
        else
            _ = Task.Run(() => AnswerAsync(explainer, question, outgoing, cancel), CancellationToken.None);
    }

    private async Task AnswerAsync(ISessionExplainer explainer, V1.SessionQuestion question, ChannelWriter<V1.SubscribeRequest> outgoing, CancellationToken cancel)
    {
        try
        {
            using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            budget.CancelAfter(s_questionBudget);
            var generation = _current?.Generation ?? 0;
            var explanation = await explainer.ExplainAsync(question.Offer, budget.Token);
            (explanation.Number, explanation.Generation) = (question.Number, generation);
            outgoing.TryWrite(new V1.SubscribeRequest { Explanation = explanation });
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The stream has ended.
        }
#pragma warning disable CA1031 // Whatever is wrong with an operator's question: it must not cost the node its keys.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Log.NotExplained(_logger, fault);
        }
        finally
        {
            Interlocked.Decrement(ref _questions);
        }
    }
}
