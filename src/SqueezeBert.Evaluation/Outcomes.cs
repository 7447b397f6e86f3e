using System.Globalization;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Labels and answers of examples, by the kind of problem. First all labels are added, then the answers in the same order.
/// </summary>
internal abstract class Outcomes
{
    public static Outcomes For(TextClassifier classifier, LabelList? labels)
    {
        // The sigmoid of a model with one label that says nothing more (a cross-encoder) is a number to be compared with numbers.
        if (classifier.ProblemType == ProblemType.Regression
            || (classifier.Configuration.ProblemType is null && classifier.Labels.Count == 1))
        {
            return classifier.Labels.Count == 1
                ? new RegressionOutcomes()
                : throw new UnsupportedModelException(
                    $"the model is a regression with {classifier.Labels.Count} outputs; only one can be evaluated");
        }

        labels ??= new LabelList(classifier.Labels);
        var mayBeFewer = classifier.ProblemType == ProblemType.SingleLabelClassification;
        if (!labels.Names.SequenceEqual(mayBeFewer ? classifier.Labels.Where(labels.Names.Contains) : classifier.Labels))
            throw new ArgumentException("the labels are not those of the model", nameof(labels));
        return For(labels, classifier.ProblemType == ProblemType.MultiLabelClassification);
    }

    public static Outcomes For(LabelList labels, bool isMultiLabel) =>
        isMultiLabel ? new MultiLabelOutcomes(labels) : new SingleLabelOutcomes(labels);

    public abstract void AddLabel(TextExample example, string file);

    public abstract void AddAnswer(Classification answer);

    public abstract IEvaluationReport Report(int start, int count);

    private sealed class SingleLabelOutcomes(LabelList labels) : Outcomes
    {
        private readonly Dictionary<string, int> _ids = Ids(labels);
        private readonly List<int> _labels = [];
        private readonly List<int> _predictions = [];

        public override void AddLabel(TextExample example, string file) =>
            _labels.Add(labels.Find(example with { Label = example.Label.Trim() }, file));

        public override void AddAnswer(Classification answer) =>
            _predictions.Add(_ids[labels.BestOf(answer)]);

        public override IEvaluationReport Report(int start, int count)
        {
            var matrix = new ConfusionMatrix(labels.Names.Count);
            for (var i = start; i < start + count; i++) matrix.Add(_labels[i], _predictions[i]);
            return new ClassificationReport(labels.Names, matrix) { PositiveClass = labels.PositiveClass };
        }
    }

    private sealed class MultiLabelOutcomes(LabelList labels) : Outcomes
    {
        private readonly Dictionary<string, int> _ids = Ids(labels);
        private readonly List<bool[]> _labels = [];
        private readonly List<bool[]> _predictions = [];

        public override void AddLabel(TextExample example, string file)
        {
            var has = new bool[labels.Names.Count];
            foreach (var id in labels.FindAll(example, file)) has[id] = true;
            _labels.Add(has);
        }

        public override void AddAnswer(Classification answer)
        {
            var has = new bool[labels.Names.Count];
            foreach (var label in answer.Labels) has[_ids[label.Label]] = label.Score > 0.5f;
            _predictions.Add(has);
        }

        public override IEvaluationReport Report(int start, int count)
        {
            var report = new MultiLabelReport(labels.Names);
            for (var i = start; i < start + count; i++) report.Add(_labels[i], _predictions[i]);
            return report;
        }
    }

    private sealed class RegressionOutcomes : Outcomes
    {
        private readonly List<double> _labels = [];
        private readonly List<double> _predictions = [];

        public override void AddLabel(TextExample example, string file)
        {
            if (!double.TryParse(example.Label, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
                throw new DataFormatException(file, example.Line, $"'{example.Label}' is not a number, which the model predicts");
            _labels.Add(value);
        }

        public override void AddAnswer(Classification answer) => _predictions.Add(answer.Score);

        public override IEvaluationReport Report(int start, int count) => RegressionReport.Of(
            [.. _labels.Skip(start).Take(count)], [.. _predictions.Skip(start).Take(count)]);
    }

    private static Dictionary<string, int> Ids(LabelList labels) =>
        labels.Names.Select((name, id) => (name, id)).ToDictionary(label => label.name, label => label.id, StringComparer.Ordinal);
}
