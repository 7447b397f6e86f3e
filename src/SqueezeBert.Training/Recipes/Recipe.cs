using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Training;

/// <summary>
/// A recipe for a training: what is trained, on which data, and how. It is a JSON file (docs/training.md describes every field) or is
/// created in code. The stages run in order, and each starts from the weights of the previous one.
/// </summary>
public sealed record Recipe
{
    /// <summary>The name of the file, for messages (default "recipe").</summary>
    public string File { get; init; } = "recipe";

    /// <summary>The folder that relative paths of data files refer to (default: the current folder).</summary>
    public string DataRoot { get; init; } = ".";

    /// <summary>The folder in which the model, the checkpoints and the metrics are saved.</summary>
    public required string Output { get; init; }

    /// <summary>
    /// The folder of a saved model, whose weights, configuration and vocabulary are the starting point. Null creates a new model. The
    /// command-line tool replaces the names "box:embeddings", "box:sentiment" and "hf:owner/name" by the folders of these models.
    /// </summary>
    public string? From { get; init; }

    /// <summary>The path of the vocab.txt of a new model. Null uses the vocabulary of <see cref="From"/>.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>Whether the tokenizer of a new model converts text to lower case and strips accents (default true).</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>
    /// The fields of config.json for a new model (hidden_size, num_hidden_layers, …). Other fields have the defaults of the reference.
    /// vocab_size is that of the vocabulary.
    /// </summary>
    public JsonObject? Model { get; init; }

    /// <summary>
    /// The type of the saved weights: float32, float16 or bfloat16. Null uses the type of <see cref="From"/>, or float32 for a new model.
    /// </summary>
    public TensorType? Precision { get; init; }

    /// <summary>The seed of everything that is random: initial weights, the order of examples, masks and dropout (default 1).</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The number of threads, or 0 for one per core (default 0). The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// A folder to which the weights of each checkpoint are also written, in float16, replacing the previous ones. On a disk of another
    /// machine, this copy survives the loss of this machine. Null writes no copy.
    /// </summary>
    public string? CopyTo { get; init; }

    /// <summary>The stages; at least one.</summary>
    public required IReadOnlyList<StageRecipe> Stages { get; init; }

    /// <summary>What a resumed run must have in common with the interrupted one.</summary>
    internal string Fingerprint { get; init; } = "";

    /// <summary>Reads a recipe. Comments and trailing commas are allowed, and unknown fields are not.</summary>
    /// <param name="path">
    /// The path of the JSON file. A relative "vocabulary" or "from" refers to its folder, and a relative "output" to the current folder.
    /// </param>
    /// <param name="dataRoot">
    /// The folder that relative paths of data files refer to. Null uses "data_root" of the recipe, or the folder of the recipe.
    /// </param>
    /// <exception cref="RecipeException">
    /// The file cannot be read or does not follow the schema. The message names the field and how to fix it.
    /// </exception>
    public static Recipe Load(string path, string? dataRoot = null) => RecipeReader.Read(path, dataRoot);
}
