using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Tasks;

/// <summary>What a task reads its examples by.</summary>
/// <param name="Stage">Files and settings.</param>
/// <param name="RecipeFile">Named in messages.</param>
/// <param name="DataRoot">Folder of relative files.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="KnownLabels">Labels of the model that training starts from, for a stage that names none; null: in order of
/// appearance.</param>
internal sealed record StageInput(
    StageRecipe Stage, string RecipeFile, string DataRoot, BertTokenizer Tokenizer, IReadOnlyList<string>? KnownLabels)
{
    /// <summary>An error of the recipe.</summary>
    public RecipeException Error(string field, string reason) => new(RecipeFile, field, reason);
}
