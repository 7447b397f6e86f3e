using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks.Tagging;

namespace SqueezeBert.Training.Tasks.Intents;

/// <summary>
/// What a sentence asks for, from its first token, and a tag of each of its words: one forward pass, two losses, two heads (Chen et al.,
/// arXiv 1902.10909).
/// </summary>
internal sealed class IntentsAndSlotsTask() : NamedHeadsTask("intents-and-slots")
{
    internal const string Intent = "intent", Slots = "slots";

    internal override string Files => "JSON lines with lists \"words\" and \"tags\" and a text \"intent\"";

    internal override int UsualLength => 128;

    internal override string TextColumn => "words";

    internal override string LabelColumn => "tags";

    internal override string IntentColumn => "intent";

    internal override bool HasLabelSmoothing => true;

    internal override bool HasNgrams => true;

    internal override IReadOnlyList<string> OwnFields => ["intent"];

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.LongText == LongText.Windows)
            throw error("long_texts", "an intent is that of a whole sentence, so that sentences are cut; leave it out");
        base.Check(stage, error);
    }

    internal override IReadOnlyList<string> HeadNames(StageRecipe stage) => [NameOf(stage, Intent), NameOf(stage, Slots)];

    internal override IReadOnlyList<HeadConfiguration> HeadsOf(StageRecipe stage, ModelConfiguration start, StageData data) =>
    [
        new(NameOf(stage, Intent), HeadTask.TextClassification)
        {
            Labels = ((IntentData)data).Intents,
            ProblemType = ProblemType.SingleLabelClassification,
        },
        new(NameOf(stage, Slots), HeadTask.TokenClassification)
        {
            Labels = data.Labels,
            HashedNgrams = HeadNgrams.Of(stage, start, NameOf(stage, Slots)),
        },
    ];

    internal override long Count(string path, DataSource source, CancellationToken cancellationToken) =>
        TaggedFile.Read(path, source, cancellationToken).LongCount();

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        var slots = input.KnownLabelsOf(NameOf(input.Stage, Slots), HeadTask.TokenClassification);
        var data = IntentData.Read(
            input with { KnownLabels = slots }, input.KnownLabelsOf(NameOf(input.Stage, Intent), HeadTask.TextClassification),
            cancellationToken);
        if (data.Labels.Count < 2) throw input.Error("data", $"the words have {data.Labels.Count} different tags; two are needed at least");
        if (data.Intents.Count < 2)
            throw input.Error("data", $"the sentences have {data.Intents.Count} different intents; two are needed at least");
        return data;
    }

    internal override IReadOnlyList<OutputRequest> Outputs(StageRecipe stage, ModelConfiguration configuration) =>
        [.. HeadNames(stage).Select(name => new OutputRequest($"{name}.{OutputNames.Logits}", IsOverwritten: true))];

    internal override StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session) =>
        new Learning(input.Stage, (IntentData)data, session);

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["tag", "--model", model, "--head", NameOf(stage, Slots), "some text"];

    internal override double Score(EvaluationSummary evaluation) => HeadSummaries.Of(evaluation) ?? base.Score(evaluation);

    // In a joint stage, two such tasks need different names.
    private static string NameOf(StageRecipe stage, string head) => stage.HeadName is { } name ? $"{name}-{head}" : head;

    private sealed class Learning : StageLearning
    {
        private readonly StageRecipe _stage;
        private readonly IntentData _data;
        private readonly GradientSession _session;

        public Learning(StageRecipe stage, IntentData data, GradientSession session)
        {
            (_stage, _data, _session) = (stage, data, session);
            Writer = new IntentWriter(data);
            Terms =
            [
                new($"{NameOf(stage, Slots)}.{OutputNames.Logits}", new SoftmaxCrossEntropy((float)stage.LabelSmoothing)),
                new(
                    $"{NameOf(stage, Intent)}.{OutputNames.Logits}", new SoftmaxCrossEntropy((float)stage.LabelSmoothing),
                    readsTexts: true),
            ];
        }

        public override ExampleWriter Writer { get; }

        public override IReadOnlyList<LossTerm> Terms { get; }

        public override HeldOutFigures CreateFigures() => new IntentFigures(
            _data, new TaggingFigures(_stage, _data, Terms[0].Loss, _session.Output(Terms[0].Output), _session.Pool), Terms[1].Loss,
            _session.Output(Terms[1].Output), _session.Pool);
    }

    private sealed class IntentWriter(IntentData data) : ExampleWriter
    {
        private readonly TaggedExampleWriter _words = new();

        public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
        {
            _words.Add(target, set, example, key);
            target.Labels.Texts.AddClass(data.IntentOf(set, example));
        }
    }
}
