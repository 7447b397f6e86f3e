using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks.Tagging;

namespace SqueezeBert.Training.Tasks.Intents;

/// <summary>Sentences whose words have tags, each with an intent besides.</summary>
internal sealed class IntentData : TaggedData
{
    private readonly LabelIds _intents;
    private readonly List<int> _trained = [];
    private readonly List<int> _heldOut = [];

    private IntentData(StageInput input, IReadOnlyList<string>? known)
        : base(input) => _intents = new LabelIds(known?.Select(label => (label, label)).ToList());

    /// <summary>Names of the intents by id.</summary>
    public IReadOnlyList<string> Intents => _intents.Names;

    /// <param name="input">The stage; its known labels are those of the words.</param>
    /// <param name="known">Intents of the start's head; null: in order of appearance.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="DataFormatException">A row is malformed or has no intent.</exception>
    public static IntentData Read(StageInput input, IReadOnlyList<string>? known, CancellationToken cancellationToken)
    {
        var data = new IntentData(input, known);
        data.ReadFiles(cancellationToken);
        return data;
    }

    /// <summary>The intent of an example's sentence.</summary>
    public int IntentOf(ExampleSet set, Example example) => (ReferenceEquals(set, HeldOut) ? _heldOut : _trained)[example.Text];

    protected override void FixLabels()
    {
        base.FixLabels();
        _intents.Fix();
    }

    protected override void AddSentence(TaggedRow sentence, string file, bool isHeldOut) =>
        (isHeldOut ? _heldOut : _trained).Add(_intents.Id(sentence.Intent ?? "", file, sentence.Line));
}
