namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>The height of a tile as a type, so that the compiler sees a constant.</summary>
internal interface IRows
{
    static abstract int Value { get; }
}

internal readonly struct Rows1 : IRows
{
    public static int Value => 1;
}

internal readonly struct Rows2 : IRows
{
    public static int Value => 2;
}

internal readonly struct Rows3 : IRows
{
    public static int Value => 3;
}

internal readonly struct Rows4 : IRows
{
    public static int Value => 4;
}

internal readonly struct Rows5 : IRows
{
    public static int Value => 5;
}

internal readonly struct Rows6 : IRows
{
    public static int Value => 6;
}

internal readonly struct Rows7 : IRows
{
    public static int Value => 7;
}

internal readonly struct Rows8 : IRows
{
    public static int Value => 8;
}

internal readonly struct Rows9 : IRows
{
    public static int Value => 9;
}

internal readonly struct Rows10 : IRows
{
    public static int Value => 10;
}

internal readonly struct Rows11 : IRows
{
    public static int Value => 11;
}

internal readonly struct Rows12 : IRows
{
    public static int Value => 12;
}
