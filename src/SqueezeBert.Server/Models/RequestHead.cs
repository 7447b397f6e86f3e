using SqueezeBert.Checkpoints;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Models;

/// <summary>The head of a model with several heads that a request names in its field `head`.</summary>
internal static class RequestHead
{
    private const string Field = "head";

    /// <summary>Creates a pipeline on a head. The messages of the pipeline name the model's folder, which clients need not know.</summary>
    /// <param name="model">The model.</param>
    /// <param name="head">The name of the head, or null if the request names none.</param>
    /// <param name="create">Creates the pipeline.</param>
    /// <exception cref="RequestException">The model has no such head, or the head is for another task.</exception>
    public static TPipeline Checked<TPipeline>(ServedModel model, string? head, Func<TPipeline> create)
    {
        try
        {
            return create();
        }
        catch (Exception e) when (head is not null && e is UnsupportedModelException or ArgumentException { ParamName: "Head" })
        {
            throw new RequestException(
                Fault.Unsupported, $"the model '{model.Name}' has no head '{head}' for this task; it has {model.Heads()}")
            { Field = Field };
        }
    }
}
