using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Training;

/// <summary>
/// What to train, on what and how: one small JSON file (docs/training.md describes every field), or made in code. Stages run in order, each
/// starting from the weights of the one before.
/// </summary>
public sealed record Recipe
{
    /// <summary>The file it came from, for messages.</summary>
    public string File { get; init; } = "recipe";

    /// <summary>Folder that relative data files refer to.</summary>
    public string DataRoot { get; init; } = ".";

    /// <summary>Folder that the model is saved in; checkpoints and metrics go there too.</summary>
    public required string Output { get; init; }

    /// <summary>
    /// Folder of a saved model whose weights, configuration and vocabulary the first stage starts from; null: a new model. The tool
    /// replaces the names "box:sentiment" and "hf:owner/name" by the folders of those models.
    /// </summary>
    public string? From { get; init; }

    /// <summary>vocab.txt of a new model; null takes the one of <see cref="From"/>.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>Whether the tokenizer of a new model lower-cases and strips accents.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>
    /// Fields of config.json for a new model (hidden_size, num_hidden_layers, …); the others have the reference's defaults. vocab_size is
    /// the vocabulary's.
    /// </summary>
    public JsonObject? Model { get; init; }

    /// <summary>Type of the saved weights: float32, float16 or bfloat16; null: that of <see cref="From"/>, float32 of a new
    /// model.</summary>
    public TensorType? Precision { get; init; }

    /// <summary>Everything random follows from it: first weights, order, masks, dropout.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads, or 0 for one per core. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// A folder that each checkpoint's weights are written to as well, in float16, in the place of those before; null: none. On another
    /// machine's disk it survives this one.
    /// </summary>
    public string? CopyTo { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<StageRecipe> Stages { get; init; }

    /// <summary>What a resumed run must have in common with the interrupted one.</summary>
    internal string Fingerprint { get; init; } = "";

    /// <summary>Reads a recipe. Comments and trailing commas are allowed, unknown fields are not.</summary>
    /// <param name="path">The JSON file. A relative "vocabulary" or "from" refers to its folder, a relative "output" to the current
    /// one.</param>
    /// <param name="dataRoot">Folder that relative data files refer to; null takes "data_root" of the recipe or the recipe's
    /// folder.</param>
    /// <exception cref="RecipeException">The file cannot be read or breaks the schema; the message names the field and the
    /// remedy.</exception>
    public static Recipe Load(string path, string? dataRoot = null) => RecipeReader.Read(path, dataRoot);
}
