using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Pairs;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Towers;

/// <summary>A query and the text that answers it, perhaps with a wrong one: the others of the batch are wrong ones too.</summary>
internal sealed class RetrievalTask() : TowerTask("retrieval")
{
    private const double UsualScale = 20;

    internal override string Files =>
        "a table with \"anchor\" and \"positive\", a query and the text to find, and with --negative a column of wrong texts";

    internal override string TextColumn => "anchor";

    internal override string? PairColumn => "positive";

    internal override IReadOnlyList<string> OwnFields => ["pooling", "scale", "negative"];

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.Sources.Select(source => source.Negative is null).Distinct().Count() > 1)
            throw error("data", "either each file has a 'negative' or none");
        base.Check(stage, error);
    }

    internal override StageData Read(StageInput input, CancellationToken cancellationToken) =>
        TowerData.Read(input, hasScores: false, cancellationToken);

    internal override Loss CreateLoss(StageRecipe stage) => new InBatchRanking(stage.Scale ?? UsualScale, TextsOf(stage));

    internal override HeldOutFigures CreateFigures(Loss loss, StageRecipe stage, GradientSession session) =>
        new RetrievalFigures(loss, TextsOf(stage), session);

    internal override double Score(EvaluationSummary evaluation) =>
        evaluation.Figures.TryGetValue("mrr_at_10", out var rank) ? rank : base.Score(evaluation);

    private static int TextsOf(StageRecipe stage) => stage.Data[0].Negative is null ? 2 : 3;
}
