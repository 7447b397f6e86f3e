using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Tasks;

/// <summary>What a task reads its examples by.</summary>
/// <param name="Stage">Files and settings.</param>
/// <param name="RecipeFile">The name in messages.</param>
/// <param name="DataRoot">Folder of relative files.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="KnownLabels">Labels of the model that training starts from, for a stage that names none; null: in order of
/// appearance.</param>
internal sealed record StageInput(
    StageRecipe Stage, string RecipeFile, string DataRoot, BertTokenizer Tokenizer, IReadOnlyList<string>? KnownLabels)
{
    /// <summary>Heads with names of the model that training starts from.</summary>
    public IReadOnlyList<HeadConfiguration> NamedHeads { get; init; } = [];

    /// <summary>Receives messages for the user while data are read.</summary>
    public Action<string> Tell { get; init; } = _ => { };

    /// <summary>Values and names of the labels that are known before the data are read; null: in order of appearance.</summary>
    public IReadOnlyList<(string Value, string Name)>? GivenLabels =>
        Stage.Labels ?? KnownLabels?.Select(label => (Value: label, Name: label)).ToList();

    /// <summary>Where a file of the stage is, as messages name it: below the current folder by the path from there.</summary>
    public string PathOf(DataSource source)
    {
        var path = Path.GetFullPath(Path.Combine(DataRoot, source.File));
        var fromHere = Path.GetRelativePath(Environment.CurrentDirectory, path);
        var isBelow = !Path.IsPathRooted(fromHere) && fromHere.Split(Path.DirectorySeparatorChar)[0] != "..";
        return isBelow ? fromHere : path;
    }

    /// <summary>Labels of a named head of the start, as <see cref="KnownLabels"/>; null where there is none of the kind.</summary>
    public IReadOnlyList<string>? KnownLabelsOf(string head, HeadTask task) =>
        NamedHeads.FirstOrDefault(known => known.Name == head && known.Task == task)?.Labels;

    /// <summary>An error of the recipe.</summary>
    public RecipeException Error(string field, string reason) => new(RecipeFile, field, reason);
}
