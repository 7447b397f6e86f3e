using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Pipelines.Answering;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Answering;

/// <summary>SQuAD's official scores of the answers that the pipeline would give: the windows of a paragraph compete.</summary>
internal sealed unsafe class AnsweringFigures(AnsweringData data, Loss loss, GradientOutput logits, WorkerPool pool) : HeldOutFigures
{
    private readonly SpanRanking?[] _rankings = new SpanRanking[data.Questions.Count];
    private LossSum _total;

    public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
    {
        var rows = logits.ForValue();
        _total += loss.Compute(rows, new LossTarget(batch.Labels), pool);
        var defaults = new QuestionAnswererOptions();
        for (var i = 0; i < examples.Length; i++)
        {
            var example = data.HeldOut[examples[i]];
            var numbers = data.HeldOut.Numbers(example);
            var ranking = _rankings[example.Text] ??= new SpanRanking(defaults.Candidates, defaults.MaxAnswerTokens);
            var row = batch.Batch.TextStarts[i];
            ranking.Add(
                new ReadOnlySpan<float>(rows.Row(row), 2 * example.Length), numbers[2],
                data.Questions[example.Text].Offsets.AsSpan(numbers[3], example.Length - numbers[2] - 1));
        }
    }

    public override EvaluationSummary Summary(CancellationToken cancellationToken)
    {
        var report = new SquadReport(data.HasUnanswerable ? SquadVersion.V2 : SquadVersion.V1);
        for (var number = 0; number < _rankings.Length; number++)
        {
            if (_rankings[number] is not { } ranking) continue;
            cancellationToken.ThrowIfCancellationRequested();
            var question = data.Questions[number];
            report.Add(question.Answers, Predict(ranking, question.Context));
        }

        var figures = report.Figures().ToDictionary(figure => figure.Name, figure => figure.Value);
        if (figures.Remove("exact", out var exact)) figures["exact_match"] = exact;
        return new EvaluationSummary(_total.Mean, null, report.Examples, new Dictionary<string, double>())
        {
            Figures = new SortedDictionary<string, double>(figures, StringComparer.Ordinal),
        };
    }

    private string Predict(SpanRanking ranking, string context)
    {
        var none = ranking.NoAnswerScore;
        var spans = ranking.Finish(data.HasUnanswerable, out _);
        if (spans.IsEmpty || (data.HasUnanswerable && none > spans[0].Score)) return "";
        return context[spans[0].Start..spans[0].End];
    }
}
