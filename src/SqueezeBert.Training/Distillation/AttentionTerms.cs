using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Inference;

namespace SqueezeBert.Training.Distillation;

/// <summary>Losses on the attention scores of pairs of layers. Not thread-safe.</summary>
internal sealed class AttentionTerms
{
    private readonly List<AttentionScoreError> _losses = [];
    private readonly List<LossTerm> _terms = [];

    /// <param name="session">The session of the student, with <see cref="AttentionInputs"/> of its layers.</param>
    /// <param name="heads">The number of heads of student and teacher.</param>
    /// <param name="pairs">The pairs of student and teacher layers, from 1.</param>
    /// <param name="weight">The weight of the mean over the pairs.</param>
    /// <param name="teacher">The teacher's outputs by name.</param>
    public AttentionTerms(GradientSession session, int heads, IReadOnlyList<(int Student, int Teacher)> pairs, double weight,
        Func<string, ITargetRows> teacher)
    {
        foreach (var (ours, theirs) in pairs)
        {
            var keys = session.Output(AttentionInputs.Keys(ours - 1));
            var loss = new AttentionScoreError(
                heads, normaliser => normaliser is { } n ? keys.ForGradient(n) : keys.ForValue(),
                teacher(AttentionInputs.Keys(theirs - 1)));
            _losses.Add(loss);
            _terms.Add(new LossTerm(
                AttentionInputs.Queries(ours - 1), loss, weight / pairs.Count, teacher(AttentionInputs.Queries(theirs - 1))));
        }
    }

    /// <summary>One loss per pair.</summary>
    public IReadOnlyList<LossTerm> Terms => _terms;

    /// <summary>Gives the losses the rows of each text.</summary>
    public void Prepare(PackedBatch batch)
    {
        foreach (var loss in _losses) loss.Batch = batch;
    }
}
